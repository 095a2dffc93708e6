import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { deferred } from "../../src/lib/deferred.ts";
import { nodeFiles } from "../../src/store/journal-files.ts";
import { lineOf } from "../../src/store/journal-line.ts";
import { newDirectory, silent, storeIn } from "./support/place.ts";
import { tiny, valuesOf } from "./support/witness.ts";

const pause = { because: "user", since: "2026-11-21T03:12:24.433Z", task_ids: [] } as const;
const snapshotted = { growth: { changes: 0, bytes: 0, ratio: 0 } };

/** A directory whose snapshot holds the tasks, and nothing else does. */
async function withSnapshot(count: number): Promise<{ directory: string; snapshot: string }> {
  const directory = await newDirectory();
  const snapshot = path.join(directory, "tasks", "tasks.json");
  const first = storeIn(directory);
  await first.read();
  await first.setQueuePause(pause);
  await first.save(Array.from({ length: count }, (_, n) => tiny(`t${n}`, "saved")));
  await first.close();
  await expectSnapshot(directory);
  return { directory, snapshot };
}

/** Opens with the wish for a snapshot, and waits until the older journals are gone. */
async function expectSnapshot(directory: string): Promise<void> {
  const written = deferred();
  const files = {
    ...nodeFiles,
    remove: async (file: string) => {
      await nodeFiles.remove(file);
      if (file.endsWith(".jsonl")) written.resolve();
    },
  };
  const store = storeIn(directory, { ...snapshotted, files });
  await store.read();
  await written.promise;
  await store.close();
}

async function readIn(directory: string) {
  const store = storeIn(directory);
  const values = valuesOf(await store.read());
  const problems = store.problems();
  await store.save([tiny("afterwards", "saved")]);
  await store.close();
  return { values, problems };
}

test("a snapshot is one JSON document that a person can read, one record a line", async () => {
  const { snapshot } = await withSnapshot(3);
  const text = await readFile(snapshot, "utf8");
  expect(JSON.parse(text)).toMatchObject([
    { schema_version: 2, queue_paused: pause, count: 3 },
    { tasks: [{ record: { id: "t0" } }] },
    { tasks: [{ record: { id: "t1" } }] },
    { tasks: [{ record: { id: "t2" } }] },
    { schema_version: 2, queue_paused: pause, count: 3 },
  ]);
  expect(text.trimEnd().split("\n")).toHaveLength(7);
});

test("every damaged line of a snapshot costs one record at most, never the queue's pause, and is kept", async () => {
  const { directory, snapshot } = await withSnapshot(4);
  const lines = (await readFile(snapshot, "utf8")).split("\n");
  for (let index = 0; index < lines.length - 1; index++) {
    for (const damage of [(line: string) => line.replace(/\d/, "x"), () => "garbage", () => ""]) {
      const damaged = lines.map((line, n) => (n === index ? damage(line) : line));
      const copy = await newDirectory();
      await mkdir(path.join(copy, "tasks"));
      await writeFile(path.join(copy, "tasks", "tasks.json"), damaged.join("\n"));
      const { values, problems } = await readIn(copy);
      const left = ["t0", "t1", "t2", "t3"].filter((_, n) => n !== index - 2);
      if (damaged[index] !== lines[index]) {
        expect([...values.keys()].sort(), `line ${index + 1}`).toEqual(["the queue", ...left].sort());
        expect(problems.length).toBe(1);
        expect(problems[0]).toMatchObject({ file: "tasks/tasks.json", line: index + 1 });
      }
      expect((await readIn(copy)).values.has("afterwards")).toBe(true);
    }
  }
  expect((await readIn(directory)).problems).toEqual([]);
});

test("a snapshot that ends early gives what it has and says what is missing", async () => {
  const { snapshot } = await withSnapshot(4);
  const lines = (await readFile(snapshot, "utf8")).split("\n");
  const copy = await newDirectory();
  await mkdir(path.join(copy, "tasks"));
  await writeFile(path.join(copy, "tasks", "tasks.json"), `${lines.slice(0, 4).join("\n")}\n`);
  const { values, problems } = await readIn(copy);
  expect([...values.keys()].sort()).toEqual(["t0", "t1", "the queue"]);
  expect(problems).toMatchObject([{ reason: "it ends early: 2 of 4 tasks are in it" }]);
});

const oddities: Record<string, (file: string) => Promise<unknown>> = {
  "an empty file": (file) => writeFile(file, ""),
  "a list": (file) => writeFile(file, "[]"),
  null: (file) => writeFile(file, "null"),
  "broken UTF-8": (file) => writeFile(file, Buffer.from([0xff, 0xfe, 0xc3, 0x28])),
  "half a document": (file) => writeFile(file, '{"tasks": ['),
  "somebody's picture": (file) => writeFile(file, Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR")),
  "a directory": (file) => mkdir(path.join(file, "inside"), { recursive: true }),
};

test.each(Object.keys(oddities))("%s in place of the snapshot is put aside and listed", async (what) => {
  const directory = await newDirectory();
  const file = path.join(directory, "tasks", "tasks.json");
  await mkdir(path.dirname(file));
  await oddities[what]?.(file);
  const { values, problems } = await readIn(directory);
  expect(values.size).toBe(0);
  expect(problems).toMatchObject([{ file: "tasks/tasks.json", quarantined_as: expect.any(String) }]);
  expect(await readdir(path.join(directory, "quarantine"))).toEqual([
    path.basename(problems[0]?.quarantined_as ?? ""),
  ]);
  expect((await readIn(directory)).values).toEqual(new Map([["afterwards", "saved"]]));
});

test.each(Object.keys(oddities))("%s in place of a journal costs nothing of the others", async (what) => {
  const directory = await newDirectory();
  for (const id of ["a", "b"]) {
    const store = storeIn(directory);
    await store.read();
    await store.save([tiny(id, "saved")]);
    await store.close();
  }
  await oddities[what]?.(path.join(directory, "tasks", "journal-7.jsonl"));
  const { values, problems } = await readIn(directory);
  expect([...values.keys()]).toEqual(["a", "b"]);
  expect(problems).toHaveLength(what === "an empty file" ? 0 : 1);
  expect([...(await readIn(directory)).values.keys()]).toEqual(["a", "b", "afterwards"]);
});

test("a file in place of the folder of tasks is put aside", async () => {
  const directory = await newDirectory();
  await writeFile(path.join(directory, "tasks"), "not a folder");
  expect((await readIn(directory)).problems).toMatchObject([{ file: "tasks" }]);
  expect((await readIn(directory)).values.size).toBe(1);
});

test("what lies in quarantine is never overwritten, and the same damage is kept once", async () => {
  const directory = await newDirectory();
  const file = path.join(directory, "tasks", "tasks.json");
  await mkdir(path.dirname(file));
  const clock = { now: () => 0, monotonic: () => 0, after: () => ({ cancel: () => undefined }) };
  for (const text of ["one", "two", "three"]) {
    await writeFile(file, text);
    const store = storeIn(directory, { clock });
    await store.read();
    await store.close();
  }
  const kept = await readdir(path.join(directory, "quarantine"));
  const texts = await Promise.all(
    kept.map((name) => readFile(path.join(directory, "quarantine", name), "utf8")),
  );
  expect(texts.sort()).toEqual(["one", "three", "two"]);
});

test("a torn last line is dropped, logged, and no problem", async () => {
  const directory = await newDirectory();
  await mkdir(path.join(directory, "tasks"));
  const whole = `${lineOf(1, { schema_version: 2 })}${lineOf(2, { tasks: [tiny("a", "saved")] })}`;
  await writeFile(path.join(directory, "tasks", "journal-1.jsonl"), `${whole}{"sum":"0123`);
  const logged: string[] = [];
  const logger = { ...silent, info: (_: object, message: string) => logged.push(message) };
  const store = storeIn(directory, { logger });
  expect([...valuesOf(await store.read()).keys()]).toEqual(["a"]);
  expect(store.problems()).toEqual([]);
  expect(logged).toEqual(["a line that was not written to its end is dropped"]);
  await store.close();
});

test("data of a newer schema stops the boot and is left as it is", async () => {
  const directory = await newDirectory();
  const file = path.join(directory, "tasks", "journal-1.jsonl");
  await mkdir(path.dirname(file));
  const text = `${lineOf(1, { schema_version: 3 })}${lineOf(2, { tasks: [tiny("a", "b")] })}garbage\n`;
  await writeFile(file, text);
  await expect(storeIn(directory).read()).rejects.toMatchObject({
    code: "DATA_FROM_NEWER",
    details: { found: 3, known: 2 },
  });
  expect(await readFile(file, "utf8")).toBe(text);
  expect(await readdir(directory)).toEqual(["tasks"]);
});

test("tasks of an older schema are brought to this one, step by step, and stored so", async () => {
  const { directory } = await withSnapshot(2);
  const store = storeIn(directory);
  await store.read();
  await store.save([tiny("t2", "in the journal")]);
  await store.close();
  type Tiny = { record: { id: string; value: string } };
  const marking = (mark: string) => (task: unknown) => {
    const { record, ...rest } = task as Tiny;
    return { ...rest, record: { ...record, value: `${record.value}${mark}` } };
  };
  // What was stored is of today's schema, so the step that leads there is not taken again.
  const migrations = [marking(" never"), marking(" 2"), marking(" 3")];
  for (let boot = 0; boot < 3; boot++) {
    const newer = storeIn(directory, { migrations });
    expect([...valuesOf(await newer.read())].sort()).toEqual([
      ["t0", "saved 2 3"],
      ["t1", "saved 2 3"],
      ["t2", "in the journal 2 3"],
      ["the queue", "paused"],
    ]);
    await newer.close();
  }
});

test("a pause that an older version stored is one that somebody asked for", async () => {
  const directory = await newDirectory();
  await mkdir(path.join(directory, "tasks"));
  const lines = [lineOf(1, { schema_version: 1, ends: {} }), lineOf(2, { queue_paused: true })];
  await writeFile(path.join(directory, "tasks", "journal-1.jsonl"), Buffer.concat(lines));
  const store = storeIn(directory);
  expect((await store.read()).queuePause).toEqual({ because: "user", since: null, task_ids: [] });
  await store.close();
});
