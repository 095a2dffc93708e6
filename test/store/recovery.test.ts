import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { ResultFolder } from "../../src/store/results.ts";
import type { TaskStore } from "../../src/store/task-store.ts";
import { FaultyFiles } from "./support/faulty-files.ts";
import { manualClock } from "./support/manual-clock.ts";
import { newDirectory, silent, storeIn } from "./support/place.ts";
import { tiny, valuesOf } from "./support/witness.ts";

const fullDisk = { code: "ENOSPC" };

async function open() {
  const directory = await newDirectory();
  const files = new FaultyFiles();
  const clock = manualClock();
  const store = storeIn(directory, { files, clock });
  await store.read();
  const setFull = (full: boolean): void => {
    files.plan = (operation) => (full && (operation === "write" || operation === "create") ? fullDisk : null);
  };
  return { directory, files, clock, store, setFull };
}

const nextHealth = (store: TaskStore): Promise<boolean> =>
  new Promise((resolve) => {
    const leave = store.onHealthChange(({ ok }) => {
      leave();
      resolve(ok);
    });
  });

async function reread(directory: string): Promise<Map<string, string>> {
  const store = storeIn(directory);
  const values = valuesOf(await store.read());
  await store.close();
  return values;
}

test("a full disk is told once, with its reason and since when, and so is its end", async () => {
  const { store, clock, setFull } = await open();
  const told: unknown[] = [];
  store.onHealthChange((health) => told.push(health));
  expect(store.health()).toEqual({ ok: true });
  setFull(true);
  const since = clock.now();
  await expect(store.save([tiny("a", "1")])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(store.health()).toMatchObject({ ok: false, since, problem: expect.stringContaining("ENOSPC") });
  setFull(false);
  await clock.armed();
  const back = nextHealth(store);
  clock.pass();
  expect(await back).toBe(true);
  await store.save([tiny("b", "2")]);
  expect(told).toMatchObject([{ ok: false, since }, { ok: true }]);
  await store.close();
});

test("while the disk refuses, new work is refused without asking it", async () => {
  const { store, files, clock, setFull } = await open();
  setFull(true);
  await expect(store.save([tiny("a", "1")])).rejects.toThrow();
  await clock.armed();
  const asked = files.count;
  await expect(store.save([tiny("b", "1")])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await expect(store.remove(["b"])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await expect(store.setQueuePause(null)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(files.count).toBe(asked);
  await store.close();
});

test("what is insisted on is tried after 100 ms, then ever later, at most every 2 s, until it is durable", async () => {
  const { store, directory, clock, setFull } = await open();
  setFull(true);
  const insisted = store.insist([tiny("a", "ended")]);
  const waits: number[] = [];
  for (let n = 0; n < 7; n++) {
    await clock.armed();
    waits.push(...clock.waits());
    if (n === 6) setFull(false);
    clock.pass();
  }
  await insisted;
  expect(waits).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  await store.close();
  expect(await reread(directory)).toEqual(new Map([["a", "ended"]]));
});

test("what is insisted on while the disk refuses keeps its order, before what is saved afterwards", async () => {
  const { store, directory, clock, setFull } = await open();
  setFull(true);
  const done: number[] = [];
  const insisted = [1, 2, 3].map((n) => store.insist([tiny("a", String(n))]).then(() => done.push(n)));
  await clock.armed();
  insisted.push(store.insist([tiny("a", "4")]).then(() => done.push(4)));
  setFull(false);
  const back = nextHealth(store);
  clock.pass();
  await back;
  const saved = store.save([tiny("b", "saved")]);
  await Promise.all([...insisted, saved]);
  expect(done).toEqual([1, 2, 3, 4]);
  await store.close();
  expect(await reread(directory)).toEqual(
    new Map([
      ["a", "4"],
      ["b", "saved"],
    ]),
  );
});

test("what is insisted on beside refused work in one write is kept, the work is not", async () => {
  const { store, directory, files, clock } = await open();
  let failed = false;
  files.plan = (operation) => {
    if (operation !== "sync" || failed) return null;
    failed = true;
    return { code: "EIO" };
  };
  const answers = Promise.allSettled([
    store.save([tiny("refused", "1")]),
    store.insist([tiny("insisted", "1")]),
    store.save([tiny("refused too", "1")]),
  ]);
  await clock.armed();
  clock.pass();
  expect((await answers).map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
  await store.close();
  expect(await reread(directory)).toEqual(new Map([["insisted", "1"]]));
});

test("a store that starts on a full disk tells what it has and takes work when there is space", async () => {
  const directory = await newDirectory();
  const before = storeIn(directory);
  await before.read();
  await before.save([tiny("a", "1")]);
  await before.close();
  const files = new FaultyFiles((operation) => (operation === "create" ? fullDisk : null));
  const clock = manualClock();
  const store = storeIn(directory, { files, clock });
  expect(valuesOf(await store.read())).toEqual(new Map([["a", "1"]]));
  await expect(store.save([tiny("b", "1")])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  files.plan = () => null;
  const back = nextHealth(store);
  clock.pass();
  await back;
  await store.save([tiny("b", "2")]);
  await store.close();
  expect(await reread(directory)).toEqual(
    new Map([
      ["a", "1"],
      ["b", "2"],
    ]),
  );
});

test("close tries once more what is insisted on, and says what it could not store", async () => {
  const { store, directory, clock, setFull } = await open();
  setFull(true);
  const insisted = store.insist([tiny("a", "1")]);
  await clock.armed();
  setFull(false);
  await store.close();
  await insisted;
  expect(await reread(directory)).toEqual(new Map([["a", "1"]]));

  const other = await open();
  other.setFull(true);
  const lost = other.store.insist([tiny("a", "1")]);
  await Promise.all([
    expect(lost).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" }),
    other.clock.armed().then(() => other.store.close()),
  ]);
});

test("close writes what waits, harms nothing when called twice, and refuses what comes later", async () => {
  const { store, directory } = await open();
  const saved = store.save([tiny("a", "1")]);
  await Promise.all([store.close(), store.close()]);
  await saved;
  await expect(store.save([tiny("b", "1")])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(await reread(directory)).toEqual(new Map([["a", "1"]]));
});

test("a large result lies in a file of its own and goes with its task", async () => {
  const directory = await newDirectory();
  const results = new ResultFolder(directory, silent);
  const store = storeIn(directory, { leavings: [results] });
  await store.read();
  await store.save([tiny("a", "1"), tiny("b", "1"), tiny("c", "1")]);
  expect(await results.keep("a", '{"x":"ü"}')).toEqual({ file: "results/a.json", bytes: 10 });
  await results.keep("b", "1");
  await results.keep("c", "1");
  expect(await readFile(path.join(directory, "results/a.json"), "utf8")).toBe('{"x":"ü"}');
  expect(await results.read("a")).toEqual({ x: "ü" });
  await store.remove(["a"]);
  await store.remove(["b", "without a result"]);
  expect(await readdir(path.join(directory, "results"))).toEqual(["c.json"]);
  await store.close();
});

test("a result whose task was removed just before the power went is removed at the next start", async () => {
  const directory = await newDirectory();
  const store = storeIn(directory);
  await store.read();
  await store.save([tiny("a", "1"), tiny("b", "1")]);
  const results = new ResultFolder(directory, silent);
  await results.keep("a", "1");
  await results.keep("b", "1");
  await store.remove(["a"]); // this store knows of no results, as if it had ended here
  await store.close();
  const again = storeIn(directory, { leavings: [results] });
  await again.read();
  await again.close();
  expect(await readdir(path.join(directory, "results"))).toEqual(["b.json"]);
});

test("a result that cannot be written is refused, and no id leaves the folder", async () => {
  const directory = await newDirectory();
  await writeFile(path.join(directory, "results"), "in the way");
  const results = new ResultFolder(directory, silent);
  await expect(results.keep("a", "1")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await expect(results.keep("../a", "1")).rejects.toThrow("no task id");
});
