import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { FaultyFiles } from "./support/faulty-files.ts";
import { copyOf, newDirectory, storeIn } from "./support/place.ts";
import { tiny, valuesOf } from "./support/witness.ts";

const growth = { ahead: 4096 };

/** Each a line of its own, acknowledged before the next. */
async function savedIn(store: ReturnType<typeof storeIn>, count: number): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (let n = 0; n < count; n++) {
    const value = `${n} ${"x".repeat((n * 37) % 300)}`;
    await store.save([tiny(`t${n}`, value)]);
    values.set(`t${n}`, value);
  }
  return values;
}

/** What the next start finds: no task may be missing, and nothing is damaged. */
async function expectIn(directory: string, values: ReadonlyMap<string, string>): Promise<void> {
  const store = storeIn(directory, { growth });
  expect(valuesOf(await store.read())).toEqual(values);
  expect(store.problems()).toEqual([]);
  await store.close();
}

const journalIn = (directory: string): string => path.join(directory, "tasks", "journal-1.jsonl");

test("a journal that grows has room ahead, which a start after kill -9 passes over and an end in order gives back", async () => {
  const directory = await newDirectory();
  const files = new FaultyFiles();
  const store = storeIn(directory, { growth, files });
  await store.read();
  const values = await savedIn(store, 80);
  const killed = await files.frozen(() => copyOf(directory));
  const left = await readFile(journalIn(killed));
  expect(left.at(-1)).toBe(0);
  const lines = left.subarray(0, left.indexOf(0));
  await expectIn(killed, values);
  await store.close();
  expect(await readFile(journalIn(directory))).toEqual(lines);
});

test("cut at any byte in front of zeros, a journal tells the lines that are whole, and goes on", async () => {
  const directory = await newDirectory();
  const store = storeIn(directory);
  await store.read();
  const values = [...(await savedIn(store, 12))];
  await store.close();
  const journal = await readFile(journalIn(directory));
  const ends = [...journal.keys()].filter((index) => journal[index] === "\n".charCodeAt(0));
  for (let cut = ends[0] ?? 0; cut <= journal.length; cut += 3) {
    const whole = ends.filter((end) => end <= cut).length;
    const again = await newDirectory();
    await mkdir(path.join(again, "tasks"));
    await writeFile(journalIn(again), Buffer.concat([journal.subarray(0, cut), Buffer.alloc(700)]));
    await expectIn(again, new Map(values.slice(0, Math.max(0, whole - 1))));
  }
});

test("a journal that can have no room ahead is written all the same", async () => {
  const directory = await newDirectory();
  let refused = 0;
  const files = new FaultyFiles((operation) => {
    if (operation !== "reserve") return null;
    refused++;
    return { code: "ENOSPC", short: true };
  });
  const store = storeIn(directory, { growth, files });
  await store.read();
  const values = await savedIn(store, 80);
  expect(store.health()).toMatchObject({ ok: true });
  await store.close();
  expect(refused).toBe(1);
  const { size } = await stat(journalIn(directory));
  expect((await readFile(journalIn(directory))).lastIndexOf("\n")).toBe(size - 1);
  await expectIn(directory, values);
});
