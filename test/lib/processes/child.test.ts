// A process of ours: it can be spoken to however busy it is, and nothing of it is left when it has ended.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { type Child, type ChildOptions, startChild } from "../../../src/lib/processes/child.ts";
import { identityOf, isAlive } from "../../../src/lib/processes/identity.ts";

const started: Child[] = [];
afterEach(async () => {
  for (const child of started) child.kill();
  await Promise.all(started.splice(0).map(({ ended }) => ended));
});

interface Heard {
  readonly child: Child;
  readonly lines: string[];
  /** The next message. */
  hear(): Promise<unknown>;
}

async function start(options: Partial<ChildOptions> = {}): Promise<Heard> {
  const arrived: unknown[] = [];
  const lines: string[] = [];
  let tell = (): void => undefined;
  const child = await startChild({
    entry: new URL("./entry.mjs", import.meta.url),
    onMessage: (message) => {
      arrived.push(message);
      tell();
    },
    onLine: (line, stream) => lines.push(`${stream}: ${line}`),
    ...options,
  });
  started.push(child);
  const hear = async (): Promise<unknown> => {
    while (arrived.length === 0) await new Promise<void>((resolve) => (tell = resolve));
    return arrived.shift();
  };
  return { child, lines, hear };
}

/** Those that live of the numbers. */
const living = (numbers: readonly number[]): number[] =>
  numbers.filter((pid) => isAlive({ ...identityOf(pid), pid }));

async function gone(numbers: readonly number[]): Promise<void> {
  while (living(numbers).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("messages", () => {
  test("carry what structured clone carries, whatever its size", async () => {
    const { child, hear } = await start();
    const photo = { bytes: new Uint8Array(5_000_000).fill(7), at: new Date(0) };
    child.send({ what: "echo", value: photo });
    child.send({ what: "echo", value: "short" });
    const heard = (await hear()) as typeof photo;
    expect(heard.at).toEqual(photo.at);
    expect(Buffer.compare(heard.bytes, photo.bytes)).toBe(0);
    expect(await hear()).toBe("short");
  });

  test("a number reaches a child that never looks up from its work", async () => {
    const { child, hear } = await start();
    child.send({ what: "count" });
    expect(await hear()).toBe("counting");
    child.setNumber(0, 42);
    expect(await hear()).toBe(42);
  });

  test("the bell wakes a child that sleeps, and its post is there", async () => {
    const { child, hear } = await start();
    child.send({ what: "sleep" });
    expect(await hear()).toBe("sleeping");
    child.send({ what: "echo" });
    expect(await hear()).toBe("awake");
    expect(await hear()).toBe("has post");
  });

  test("what it says on its outputs is told in lines, long ones cut, floods counted", async () => {
    const { child, lines } = await start();
    child.send({ what: "say", value: `half a ${"ü".repeat(5000)}\n` });
    child.send({ what: "complain", value: "a warning\r\nand no end" });
    child.send({ what: "say", value: "flood\n".repeat(3000) });
    child.send({ what: "exit", value: 0 });
    await child.ended;
    expect(lines.find((line) => line.includes("half a"))?.length).toBe("stdout: ".length + 4096);
    expect(lines).toContain("stderr: a warning");
    expect(lines).toContain("stderr: and no end");
    expect(lines.filter((line) => line.includes("flood")).length).toBeLessThan(1000);
    expect(lines).toContainEqual(expect.stringMatching(/^stdout: \(\d+ lines were left out\)$/));
  });
});

test("an error in whoever listens ends the child it listens to, and nothing else", async () => {
  const onMessage = (): void => {
    throw new Error("no sense in that");
  };
  const { child } = await start({ onMessage });
  child.send({ what: "echo", value: 1 });
  expect(await child.ended).toMatchObject({
    signal: "SIGKILL",
    lastErrors: [expect.stringContaining("no sense")],
  });
});

test("a child that floods us with messages is held back, and ended when too much waits", async () => {
  let heard = 0;
  const { child } = await start({ onMessage: () => heard++ });
  const begun = performance.now();
  child.send({ what: "flood" });
  const { exceeded, signal } = await child.ended;
  const seconds = (performance.now() - begun) / 1000;
  expect([signal, exceeded?.what ?? "unheard"]).toEqual(["SIGKILL", "unheard"]);
  // 5000 at once and 5000 in each second, and what had arrived at its end.
  expect(heard).toBeGreaterThan(0);
  expect(heard).toBeLessThan(5000 * (seconds + 2));
});

describe("the end", () => {
  test("tells the code and the last errors, and what was said before it is heard", async () => {
    const { child, hear } = await start();
    child.send({ what: "complain", value: "out of film\n" });
    child.send({ what: "exit", value: 3 });
    expect(await hear()).toBe("the last word");
    expect(await child.ended).toEqual({
      code: 3,
      signal: null,
      wasKilled: false,
      exceeded: null,
      ranOutOfHeap: false,
      lastErrors: ["out of film"],
    });
  });

  test("a kill ends a busy child and all it started, those with sessions of their own too", async () => {
    const { child, hear } = await start();
    child.send({ what: "breed" });
    const children = (await hear()) as number[];
    expect(living(children)).toEqual(children);
    child.send({ what: "spin" });
    expect(await hear()).toBe("spinning");
    child.kill();
    expect(await child.ended).toMatchObject({ signal: "SIGKILL", wasKilled: true });
    expect(living([child.identity.pid, ...children])).toEqual([]);
  });

  test("a child that ends by itself leaves nobody behind", async () => {
    const { child, hear } = await start();
    child.send({ what: "breed" });
    const children = (await hear()) as number[];
    child.send({ what: "exit", value: 0 });
    expect(await child.ended).toMatchObject({ code: 0, wasKilled: false });
    expect(living(children)).toEqual([]);
  });

  test("a parent that is ended by kill -9 takes a busy child and all it started along", async () => {
    const parent = spawn(process.execPath, [new URL("./parent.mjs", import.meta.url).pathname], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const family: number[] = [];
    for await (const line of createInterface(parent.stdout)) {
      const { child, message } = JSON.parse(line);
      if (Array.isArray(message)) family.push(child, ...message);
      if (message === "spinning") break;
    }
    expect(living(family)).toEqual(family);
    parent.kill("SIGKILL");
    await gone(family);
  });

  const onLinux = test.skipIf(process.platform !== "linux"); // elsewhere a zombie cannot be told from the living
  onLinux("a child whose parent is held up for too long ends itself, and all it started", async () => {
    const { child, hear } = await start();
    child.send({ what: "breed" });
    const children = (await hear()) as number[];
    child.endWithoutUs(100);
    while (isAlive(child.identity)); // nothing else is done here meanwhile
    expect(await child.ended).toMatchObject({ signal: "SIGKILL", wasKilled: false });
    expect(living(children)).toEqual([]);
  });

  test.each([
    ["what is no frame", "hello parent\n"],
    ["a frame that is no message", "\0\0\0\x05\0junk!"],
  ])("a child that writes %s to its line is ended", async (_, bytes) => {
    const { child } = await start();
    child.send({ what: "babble", value: bytes });
    const { signal, lastErrors } = await child.ended;
    expect(signal).toBe("SIGKILL");
    expect(lastErrors.join()).toContain("cannot be understood");
  });

  test("a child that cannot be started says why", async () => {
    await expect(start({ env: { PATH: "x".repeat(4_000_000) } })).rejects.toThrow("E2BIG");
  });
});

describe("limits", () => {
  test.skipIf(!existsSync("/proc/self/oom_score_adj"))(
    "where the machine's memory runs out the child goes before its parent",
    async () => {
      const { child, hear } = await start();
      child.send({ what: "oomScore" });
      const ours = Number(readFileSync("/proc/self/oom_score_adj", "utf8"));
      expect(await hear()).toBe(Math.max(500, ours));
    },
  );

  test.each([
    ["of the child outside its heap", { what: "fill", value: { where: "buffers", mb: 64 } }],
    ["of what it started", { what: "fillChild", value: { mb: 400 } }],
  ])("memory %s counts", async (_, order) => {
    const { child } = await start();
    child.limit({ memoryMb: 300, cpuSeconds: null });
    child.send(order);
    const { signal, exceeded } = await child.ended;
    expect(signal).toBe("SIGKILL");
    expect(exceeded).toEqual({ what: "memory", limit: 300, used: expect.any(Number) });
    expect(exceeded?.used).toBeGreaterThan(300);
  });

  test("a heap that is full is told apart from other ends", async () => {
    const { child } = await start({ heapMb: 64 });
    child.send({ what: "fill", value: { where: "heap" } });
    expect(await child.ended).toMatchObject({ ranOutOfHeap: true, exceeded: null });
  });

  test("CPU time counts, also of a thread that never looks up", async () => {
    const { child } = await start();
    child.limit({ memoryMb: null, cpuSeconds: 0.3 });
    child.send({ what: "spin" });
    expect(await child.ended).toMatchObject({ exceeded: { what: "cpu", limit: 0.3 } });
  });
});
