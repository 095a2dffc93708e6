import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { below, randomOf } from "../random.ts";
import { historyOf } from "./support/history.ts";
import { newDirectory, storeIn } from "./support/place.ts";
import { after, perform, type Step, tiny, valuesOf } from "./support/witness.ts";

const steps = historyOf(randomOf(1), 30);

/** One line a step, each acknowledged before the next. */
async function recordedJournal(history: readonly Step[]): Promise<Buffer> {
  const directory = await newDirectory();
  const store = storeIn(directory);
  await store.read();
  for (const step of history) await perform(store, step);
  await store.close();
  return readFile(path.join(directory, "tasks", "journal-1.jsonl"));
}

async function opened(directory: string) {
  const store = storeIn(directory);
  const values = valuesOf(await store.read());
  return { store, values };
}

/** Whatever was found: a change made now is there at the next start, with all the rest. */
async function expectToWorkAgain(directory: string, expected: ReadonlyMap<string, string>): Promise<void> {
  const first = await opened(directory);
  expect(first.values).toEqual(expected);
  await first.store.save([tiny("afterwards", "saved")]);
  await first.store.close();
  const second = await opened(directory);
  await second.store.close();
  expect(second.values).toEqual(new Map([...expected, ["afterwards", "saved"]]));
}

async function newTasksFolder(name: string, bytes: Uint8Array): Promise<string> {
  const directory = await newDirectory();
  await mkdir(path.join(directory, "tasks"));
  await writeFile(path.join(directory, "tasks", name), bytes);
  return directory;
}

const lineEnds = (bytes: Buffer): number[] =>
  [...bytes.keys()].filter((index) => bytes[index] === "\n".charCodeAt(0));

test("cut at every byte, a journal tells exactly the changes that are whole, and goes on", {
  timeout: 120_000,
}, async () => {
  const journal = await recordedJournal(steps);
  const ends = lineEnds(journal);
  expect(ends).toHaveLength(steps.length + 1);
  const tryCut = async (cut: number): Promise<void> => {
    const whole = Math.max(0, ends.filter((end) => end <= cut).length - 1);
    const directory = await newTasksFolder("journal-1.jsonl", journal.subarray(0, cut));
    await expectToWorkAgain(directory, after(steps.slice(0, whole)));
    expect(await readdir(directory), `cut at ${cut}`).toEqual(["tasks"]);
    await rm(directory, { recursive: true });
  };
  // Side by side: most of the time is waiting for the disk.
  for (let cut = 0; cut <= journal.length; cut += 32) {
    const last = Math.min(journal.length, cut + 31);
    await Promise.all(Array.from({ length: last - cut + 1 }, (_, n) => tryCut(cut + n)));
  }
});

const random = randomOf(2);
const damages: Record<string, (line: Buffer) => Buffer> = {
  "a flipped bit at its beginning": (line) => flipped(line, 1),
  "a flipped bit in its checksum": (line) => flipped(line, 10),
  "a flipped bit behind its checksum": (line) => flipped(line, 17),
  "a flipped bit in its middle": (line) => flipped(line, line.length >> 1),
  "a flipped bit at its end": (line) => flipped(line, line.length - 2),
  "a flipped bit in its line break": (line) => flipped(line, line.length - 1),
  "a line break in its middle": (line) =>
    Buffer.concat([line.subarray(0, 30), Buffer.from("\n"), line.subarray(30)]),
  garbage: (line) =>
    Buffer.concat([Buffer.from(line.subarray(1).map(() => below(random, 256))), Buffer.from("\n")]),
  zeros: (line) => Buffer.concat([Buffer.alloc(line.length - 1), Buffer.from("\n")]),
  "broken UTF-8": () => Buffer.from([0xc3, 0x28, 0xff, 0xfe, 0x0a]),
  "a list": () => Buffer.from("[]\n"),
  null: () => Buffer.from("null\n"),
};

function flipped(line: Buffer, at: number): Buffer {
  const copy = Buffer.from(line);
  copy[at] = (copy[at] ?? 0) ^ 4;
  return copy;
}

test.each(Object.keys(damages))(
  "%s in any line costs that line's change at most, and is kept",
  async (what) => {
    const journal = await recordedJournal(steps);
    const ends = lineEnds(journal);
    for (let index = 0; index < ends.length; index++) {
      const start = index === 0 ? 0 : (ends[index - 1] ?? 0) + 1;
      const end = (ends[index] ?? 0) + 1;
      const damaged = damages[what]?.(journal.subarray(start, end)) as Buffer;
      const bytes = Buffer.concat([journal.subarray(0, start), damaged, journal.subarray(end)]);
      const directory = await newTasksFolder("journal-1.jsonl", bytes);
      const first = await opened(directory);
      const problems = first.store.problems();
      await first.store.close();
      const lineBreakOnly = what === "a flipped bit in its line break";
      // The first line is the head: it holds no change.
      const left = steps.filter((_, step) => lineBreakOnly || step !== index - 1);
      await expectToWorkAgain(directory, after(left));
      if (lineBreakOnly) continue;
      expect(problems.length, `line ${index + 1}`).toBeGreaterThan(0);
      const kept = path.join(directory, problems[0]?.quarantined_as ?? "");
      expect((await readFile(kept)).length).toBeGreaterThan(0);
      expect(problems[0]).toMatchObject({ file: "tasks/journal-1.jsonl", line: index + 1 });
    }
  },
);
