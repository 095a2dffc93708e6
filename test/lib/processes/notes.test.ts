// Which processes an earlier run has left behind, and what becomes of them.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startChild } from "../../../src/lib/processes/child.ts";
import { isAlive } from "../../../src/lib/processes/identity.ts";
import { ProcessNotes } from "../../../src/lib/processes/notes.ts";
import { quiet } from "../../quiet.ts";

function folder(): string {
  const directory = path.join(mkdtempSync(path.join(os.tmpdir(), "armature-notes-")), "processes");
  onTestFinished(() => rmSync(path.dirname(directory), { recursive: true }));
  return directory;
}

async function started() {
  const entry = new URL("./entry.mjs", import.meta.url);
  const child = await startChild({ entry, onMessage: () => undefined });
  onTestFinished(() => {
    child.kill();
  });
  return child;
}

test("where nothing was noted nobody is ended", async () => {
  expect(await new ProcessNotes(folder(), quiet).endLeftovers()).toBe(0);
});

test("a process that was noted and still lives is ended; its note goes", async () => {
  const directory = folder();
  const child = await started();
  new ProcessNotes(directory, quiet).write(child);
  expect(await new ProcessNotes(directory, quiet).endLeftovers()).toBe(1);
  expect(isAlive(child.identity)).toBe(false);
  expect(readdirSync(directory)).toEqual([]);
});

test("another process that has the number by now is left alone", async () => {
  const directory = folder();
  const { identity, mark } = await started();
  mkdirSync(directory);
  const [boot] = identity.started?.split(":") ?? [];
  for (const started of [`${boot}:1`, "an earlier boot of the machine:1"]) {
    const note = { pid: identity.pid, started, mark: `not ${mark}` };
    writeFileSync(path.join(directory, `${identity.pid}.json`), JSON.stringify(note));
    expect(await new ProcessNotes(directory, quiet).endLeftovers()).toBe(0);
    expect(isAlive(identity)).toBe(true);
  }
  expect(readdirSync(directory)).toEqual([]);
});

test("what is no note is put away and disturbs nobody", async () => {
  const directory = folder();
  mkdirSync(path.join(directory, "a folder"), { recursive: true });
  for (const [index, text] of ["", "{", "null", '{"pid": 1, "mark": "x"}', '{"pid": "2"}'].entries())
    writeFileSync(path.join(directory, `${index}.json`), text);
  expect(await new ProcessNotes(directory, quiet).endLeftovers()).toBe(0);
  expect(readdirSync(directory)).toEqual([]);
});

test("a disk that takes no note is no reason not to work", async () => {
  const warnings: string[] = [];
  const log = { ...quiet, warn: (_: object, message: string) => void warnings.push(message) };
  const file = folder();
  writeFileSync(file, "not a directory");
  const notes = new ProcessNotes(file, log);
  const child = await started();
  notes.write(child);
  notes.remove(child);
  expect(warnings).toEqual([
    "a process could not be noted",
    "the note of a process that has ended could not be removed",
  ]);
});
