// The stand-in for libgpiod: compiled when a test wants it, its chip made, turned and looked at from outside.
import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, test } from "vitest";
import { temporary } from "../machine.ts";

/** Interfaces of libgpiod that the stand-in has. */
export type Version = 1 | 2;

const source = path.resolve(import.meta.dirname, "../../fixtures/gpio/standin.c");
const libraries = mkdtempSync(path.join(os.tmpdir(), "armature-standin-"));
afterAll(() => rmSync(libraries, { recursive: true, force: true }));
const compiled = new Map<Version, string>();

/** @throws Error where there is no C compiler */
export function standin(version: Version): string {
  const known = compiled.get(version);
  if (known) return known;
  const file = path.join(libraries, `libgpiod-standin-${version}.so`);
  execFileSync("gcc", ["-shared", "-fPIC", "-O1", `-DGPIOD=${version}`, "-o", file, source]);
  compiled.set(version, file);
  return file;
}

/** Without a compiler its tests are skipped, but never on a CI machine. */
export const isUsable = ((): boolean => {
  try {
    standin(1);
    return true;
  } catch (error) {
    console.warn(`Tests of GPIO need gcc: ${(error as Error).message}`);
    return process.env.CI !== undefined;
  }
})();

export const testWithStandin = test.skipIf(!isUsable);

const pinCount = 32;
const edgeBytes = 16;
/** As in `struct chip_file`, behind its magic. */
const fields = [
  ...["step", "direction", "enable", "min_switch", "max_switch", "home_switch"],
  ...["min_at", "max_at", "home_from", "home_to", "position", "stuck"],
] as const;
const levelsAt = 8 + fields.length * 4;
const ownersAt = levelsAt + pinCount * 4;
const countAt = ownersAt + 2 * pinCount * 4;
/** Aligned to its 64-bit time. */
const edgesAt = countAt + 8;
const bytes = edgesAt + 200_000 * edgeBytes;

export interface Edge {
  readonly ms: number;
  readonly pin: number;
  readonly level: number;
}

export type Wiring = Partial<Record<(typeof fields)[number], number>>;

/** The pins that the tests use. */
export const pins = { step: 6, direction: 5, enable: 23, min_switch: 17, max_switch: 18, home_switch: 19 };

export class StandinChip {
  readonly path: string;

  /** A motor without switches, unless `wiring` says more. */
  static async make(wiring: Wiring = {}): Promise<StandinChip> {
    return new StandinChip(path.join(await temporary(), "gpiochip"), wiring);
  }

  private constructor(file: string, wiring: Wiring) {
    this.path = file;
    const fd = openSync(file, "w+");
    ftruncateSync(fd, bytes);
    closeSync(fd);
    const all = { ...pins, min_switch: -1, max_switch: -1, home_switch: -1, ...wiring };
    for (const [name, value] of Object.entries(all)) this.set(name as keyof typeof all, value);
  }

  /** Where the motor really stands, in steps. */
  get position(): number {
    return this.#number(8 + fields.indexOf("position") * 4);
  }

  level(pin: number): number {
    return this.#number(levelsAt + pin * 4);
  }

  /** The process that has the pin; 0 where nobody has. */
  owner(pin: number): number {
    return this.#number(ownersAt + pin * 4);
  }

  set(field: (typeof fields)[number], value: number): void {
    const fd = openSync(this.path, "r+");
    const content = Buffer.alloc(4);
    content.writeInt32LE(value);
    writeSync(fd, content, 0, 4, 8 + fields.indexOf(field) * 4);
    closeSync(fd);
  }

  edges(pin: number): Edge[] {
    const content = readFileSync(this.path);
    return Array.from({ length: content.readInt32LE(countAt) }, (_, index) => {
      const at = edgesAt + index * edgeBytes;
      const ms = Number(content.readBigInt64LE(at)) / 1e6;
      return { ms, pin: content.readInt32LE(at + 8), level: content.readInt32LE(at + 12) };
    }).filter((edge) => edge.pin === pin);
  }

  #number(at: number): number {
    return readFileSync(this.path).readInt32LE(at);
  }
}
