// The stand-in for libgpiod in tests: compiled when one wants it, once a process.
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "vitest";
import { hasCompiler } from "../../fixtures/compiler.ts";
import { Chip, compile, type Version, type Wiring } from "../../fixtures/gpio/chip.ts";

export { type Chip, pins, type Version, type Wiring } from "../../fixtures/gpio/chip.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "armature-gpio-"));
const compiled = new Map<Version, string>();

/** @throws Error where there is no C compiler */
export function standin(version: Version): string {
  const known = compiled.get(version);
  if (known) return known;
  const file = path.join(folder, `libgpiod-standin-${version}.so`);
  compile(version, file);
  compiled.set(version, file);
  return file;
}

let chips = 0;
export const chipOf = (wiring: Wiring = {}): Chip =>
  new Chip(path.join(folder, `gpiochip${chips++}`), wiring);

export const testWithStandin = test.skipIf(!hasCompiler);
