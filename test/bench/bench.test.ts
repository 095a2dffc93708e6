// That the bench still measures everything. What it measures is no business of a test: other things run beside it.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Program } from "./program.ts";
import type { Row, Skipped } from "./row.ts";

const door = ["--import", "./src/task/door/boot.mjs"];

test("a quick bench measures a number for every row, and says why where it cannot", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "armature-bench-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const json = path.join(folder, "bench.json");

  const bench = new Program({ args: [...door, "test/bench/main.ts", "--quick", "--json", json] });
  onTestFinished(() => bench.end());
  const table = await bench.output();

  const { rows } = JSON.parse(await readFile(json, "utf8")) as { rows: readonly (Row | Skipped)[] };
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    expect(table).toContain(row.what);
    if ("skipped" in row)
      expect(row.skipped).toMatch(
        /^(redis-server is not installed|gcc is not installed|this system has no \/proc)$/,
      );
    else
      expect([row.what, row.measured, row.ceiling?.value ?? 1]).toEqual([
        row.what,
        expect.any(Number),
        expect.any(Number),
      ]);
  }
}, 600_000);
