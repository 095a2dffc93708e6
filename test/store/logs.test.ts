// Logs of ended tasks in files: readable by people, torn lines survived, gone with their task.
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import type { LogEntry } from "../../src/engine/ports.ts";
import { fileHashes } from "../../src/store/hashes.ts";
import { LogFolder } from "../../src/store/logs.ts";
import { migrate, migrations } from "../../src/store/migrations.ts";
import { quiet } from "../quiet.ts";
import { newDirectory } from "./support/place.ts";

const line = (message: string): LogEntry => ({
  level: "warn",
  time: "2026-11-21T00:00:00.000Z",
  message,
  fields: { photo: 3 },
});

test("a log is one JSON line each, read again as it was, also behind a torn line", async () => {
  const directory = await newDirectory();
  const logs = new LogFolder(directory, quiet);
  expect(await logs.keep("a", [line("one"), line("two")])).toBe(true);
  const file = path.join(directory, "logs/a.jsonl");
  expect((await readFile(file, "utf8")).split("\n")).toHaveLength(3);
  await appendFile(file, '{"level":"in');
  expect(await logs.read("a")).toEqual([line("one"), line("two")]);
  expect(await logs.read("b")).toEqual([]);
});

test("logs are forgotten with their tasks", async () => {
  const directory = await newDirectory();
  const logs = new LogFolder(directory, quiet);
  for (const id of ["a", "b", "c"]) await logs.keep(id, [line(id)]);
  await logs.forget(["a", "b", "never-logged"]);
  expect(await readdir(path.join(directory, "logs"))).toEqual(["c.jsonl"]);
});

test("a log that cannot be written says so and fails nobody", async () => {
  const directory = await newDirectory();
  await writeFile(path.join(directory, "logs"), "in the way");
  expect(await new LogFolder(directory, quiet).keep("a", [line("lost")])).toBe(false);
});

test("the hash of a file is that of its content; one that is gone has none", async () => {
  const directory = await newDirectory();
  await writeFile(path.join(directory, "photo.jpg"), "abc");
  const hashes = fileHashes(directory, quiet);
  expect(await hashes.of("photo.jpg")).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  expect(await hashes.of("gone.jpg")).toBeNull();
});

test("artifacts of the first schema are kept, with nothing known of their origin", () => {
  const old = { record: { id: "a", artifacts: [{ name: "x", bytes: 1 }] }, memo: { order: 1 } };
  expect(migrate(old, 1, migrations)).toEqual({
    record: { id: "a", artifacts: [{ name: "x", bytes: 1, hash: null, origin: null }] },
    memo: { order: 1 },
  });
});
