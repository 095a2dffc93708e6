import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../src/lib/make-folder.ts";
import { identityOf, isAlive } from "../../src/lib/processes/identity.ts";
import { openDataDirectory } from "../../src/store/data-directory.ts";
import { newDirectory } from "./support/place.ts";

test("a second runtime is told which process uses the directory, and comes in when that has left", async () => {
  const directory = await newDirectory();
  const first = await openDataDirectory(directory);
  await expect(openDataDirectory(directory)).rejects.toMatchObject({
    code: "DATA_DIR_IN_USE",
    details: { pid: process.pid, directory },
  });
  await first.close();
  const second = await openDataDirectory(directory);
  await first.close(); // late, and not its own lock any more
  await expect(openDataDirectory(directory)).rejects.toMatchObject({ code: "DATA_DIR_IN_USE" });
  await second.close();
  expect(await readdir(directory)).toEqual(["boots.json"]);
});

test.runIf(process.platform === "linux")(
  "a folder in which nothing can be made is refused at once",
  async () => {
    await expect(openDataDirectory("/proc/armature/data")).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("nothing can be made in /proc"),
    });
  },
);

test("a folder is made with those above it, by several at once", async () => {
  const directory = path.join(await newDirectory(), "a/b/c");
  await Promise.all([makeFolder(directory), makeFolder(directory), makeFolder(directory)]);
  await makeFolder(directory);
  expect((await stat(directory)).isDirectory()).toBe(true);
  await writeFile(path.join(directory, "file"), "");
  await expect(makeFolder(path.join(directory, "file"))).rejects.toMatchObject({ code: "EEXIST" });
});

test("of many that want the directory at once, one gets it, whatever lock a dead one left", async () => {
  for (let round = 0; round < 40; round++) {
    const directory = await newDirectory();
    await writeFile(path.join(directory, "lock.json"), "left by a power cut");
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => openDataDirectory(directory)));
    const won = answers.filter((answer) => answer.status === "fulfilled");
    expect(won).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "DATA_DIR_IN_USE" });
    await won[0]?.value.close();
    expect(await readdir(directory)).toEqual(["boots.json"]);
  }
});

test("the lock of a process that was killed is taken over", async () => {
  const directory = await newDirectory();
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  await once(child, "spawn");
  const holder = await identityOf(child.pid as number);
  await writeFile(path.join(directory, "lock.json"), JSON.stringify(holder));
  await expect(openDataDirectory(directory)).rejects.toMatchObject({ details: { pid: child.pid } });
  child.kill("SIGKILL");
  await once(child, "exit");
  await (await openDataDirectory(directory)).close();
});

test("a process that got the number of a dead one does not hold its lock", async () => {
  const directory = await newDirectory();
  const { pid, started } = await identityOf(process.pid);
  expect(await isAlive({ pid, started })).toBe(true);
  if (started === null) return; // no /proc here: numbers are all there is
  await writeFile(path.join(directory, "lock.json"), JSON.stringify({ pid, started: `${started}0` }));
  await (await openDataDirectory(directory)).close();
});

test.skipIf(process.platform !== "linux")("a zombie counts as dead", async () => {
  // A parent that stands still does not reap its child.
  const script = `
    const child = require("node:child_process").spawn("sleep", ["60"]);
    child.on("spawn", () => console.log(child.pid));
  `;
  const parent = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [output] = await once(parent.stdout, "data");
  const pid = Number(String(output).trim());
  parent.kill("SIGSTOP");
  const alive = await identityOf(pid);
  expect(await isAlive(alive)).toBe(true);
  process.kill(pid, "SIGKILL");
  while (!/\) Z /.test(await readFile(`/proc/${pid}/stat`, "utf8"))) await new Promise(setImmediate);
  expect(await isAlive(alive)).toBe(false);
  parent.kill("SIGKILL");
  await once(parent, "exit");
});

test("boots are counted, across damage too", async () => {
  const directory = await newDirectory();
  const counted: number[] = [];
  const boot = async (): Promise<void> => {
    const opened = await openDataDirectory(directory);
    counted.push(opened.boots);
    await opened.close();
  };
  await boot();
  await boot();
  expect(counted).toEqual([1, 2]);
  for (const damage of ["", "null", "[]", '{"boots": -1}', '{"boots": 1e300}', "\0\0\0"]) {
    await writeFile(path.join(directory, "boots.json"), damage);
    await boot();
  }
  await boot();
  for (const [index, boots] of counted.entries())
    if (index > 2) expect(boots).toBeGreaterThanOrEqual(counted[index - 1] ?? 0);
  expect(counted.every((boots) => boots < 9_000_000)).toBe(true);
});

test("a count that is lost while tasks are there does not start again at one", async () => {
  const directory = await newDirectory();
  await mkdir(path.join(directory, "tasks"));
  const opened = await openDataDirectory(directory);
  expect(opened.boots).toBeGreaterThan(100_000);
  await opened.close();
});
