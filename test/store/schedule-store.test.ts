import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { newHistory, type Schedule } from "../../src/engine/schedules/record.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { Quarantine } from "../../src/store/quarantine.ts";
import { ScheduleFiles } from "../../src/store/schedule-store.ts";
import { FakeClock, settled } from "../fake-clock.ts";
import { copyOf, newDirectory, silent } from "./support/place.ts";

async function place(directory?: string, clock = systemClock) {
  const folder = directory ?? (await newDirectory());
  const quarantine = new Quarantine({ directory: folder, clock, logger: silent });
  const open = () => new ScheduleFiles({ directory: folder, quarantine, clock, logger: silent });
  return { directory: folder, documents: path.join(folder, "schedules"), quarantine, open };
}

const schedule = (head: string, more: Partial<Schedule> = {}): Schedule => ({
  id: `${head}000000-0000-4000-8000-000000000000`,
  request: { task: "plain_task", parameters: { n: 1 }, retry: { maxAttempts: 2 } },
  cron: null,
  every_seconds: 60,
  time_zone: "UTC",
  overlap: "skip",
  catch_up: "skip",
  paused: false,
  ...newHistory(Date.UTC(2026, 0, 1)),
  ...more,
});

test("what was saved is there after a power cut, the oldest first", async () => {
  const { directory, open } = await place();
  const store = open();
  const [first, second] = [schedule("ff"), schedule("00", { created_at: "2026-01-02T00:00:00.000Z" })];
  await store.save(second);
  await store.save(first);
  const { open: openCopy } = await place(await copyOf(directory));
  expect(await openCopy().read()).toEqual([first, second]);
});

test("each document has those whose ids begin with its name, and a person can read it", async () => {
  const { documents, open } = await place();
  const store = open();
  await Promise.all([store.save(schedule("3f")), store.save(schedule("a0"))]);
  expect((await readdir(documents)).sort()).toEqual(["3f.json", "a0.json"]);
  const text = await readFile(path.join(documents, "3f.json"), "utf8");
  expect(JSON.parse(text).schedules).toMatchObject([{ every_seconds: 60, request: { task: "plain_task" } }]);
  expect(text).toContain('\n      "every_seconds": 60,\n');
});

test("saves side by side all count, and are one after the other what was asked last", async () => {
  const { open } = await place();
  const store = open();
  const many = Array.from({ length: 20 }, (_, n) => ({
    ...schedule("77"),
    id: `77000000-0000-4000-8000-0000000000${String(n).padStart(2, "0")}`,
  }));
  await Promise.all(many.map((one) => store.save(one)));
  await Promise.all([store.save(schedule("77", { fired: 1 })), store.save(schedule("77", { fired: 2 }))]);
  await store.remove(many[1]?.id ?? "");
  const read = await open().read();
  expect(read).toHaveLength(19);
  expect(read.find(({ id }) => id === schedule("77").id)?.fired).toBe(2);
});

test("what was noted is there once the store is closed", async () => {
  const { open } = await place();
  const store = open();
  await store.save(schedule("01"));
  for (let fired = 1; fired <= 50; fired++) store.note(schedule("01", { fired }));
  await store.close();
  expect(await open().read()).toMatchObject([{ fired: 50 }]);
});

test("where the disk refuses, a save is refused and a note waits for it", async () => {
  const clock = new FakeClock();
  const { documents, open } = await place(undefined, clock);
  const store = open();
  await store.save(schedule("02"));
  await rm(documents, { recursive: true });
  await writeFile(documents, "in the way");
  const full = { code: "STORE_UNAVAILABLE" };
  await expect(store.save(schedule("02", { paused: true }))).rejects.toMatchObject(full);
  await expect(store.save(schedule("01"))).rejects.toMatchObject(full);
  store.note(schedule("02", { fired: 3 }));
  while (clock.pending === 0) await settled();
  await rm(documents);
  await clock.advance(2000);
  await store.close();
  expect(await open().read()).toMatchObject([{ id: schedule("02").id, fired: 3, paused: false }]);
});

test("a damaged document takes its own schedules away and no other, and lies in quarantine", async () => {
  const { documents, quarantine, open } = await place();
  const store = open();
  await Promise.all([store.save(schedule("3f")), store.save(schedule("a0"))]);
  await writeFile(path.join(documents, "3f.json"), "{");
  expect(await open().read()).toEqual([schedule("a0")]);
  expect(quarantine.problems()).toMatchObject([{ file: "schedules/3f.json" }]);
});

test("files that are none of ours are left alone", async () => {
  const { documents, open } = await place();
  await open().save(schedule("3f"));
  await writeFile(path.join(documents, "notes.txt"), "mine");
  expect(await open().read()).toHaveLength(1);
  expect(await readFile(path.join(documents, "notes.txt"), "utf8")).toBe("mine");
});
