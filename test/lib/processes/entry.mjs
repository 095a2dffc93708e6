// A child that does what it is told. Each message is the name of something it can do, and what for.
import { spawn } from "node:child_process";
import { readFileSync, writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { openChannel } from "../../../src/lib/processes/channel.mjs";

const memory = new SharedArrayBuffer(8);
const numbers = new Int32Array(memory);
const channel = openChannel(memory);
const sleeper = (options) => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    stdio: "ignore",
    ...options,
  });
  return child.pid;
};

const can = {
  echo: (value) => channel.send(value),
  say: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  async flood() {
    for (;;) {
      for (let i = 0; i < 100; i++) channel.send("flood".repeat(2000));
      await wait(0);
    }
  },
  exit(code) {
    channel.send("the last word");
    process.exit(code);
  },
  count() {
    channel.send("counting");
    while (Atomics.load(numbers, 0) === 0);
    channel.send(Atomics.load(numbers, 0));
  },
  sleep() {
    channel.send("sleeping");
    Atomics.wait(numbers, 1, numbers[1]);
    channel.send("awake");
    while (channel.receive() === undefined) Atomics.wait(numbers, 1, numbers[1], 10);
    channel.send("has post");
  },
  babble(bytes) {
    writeSync(3, bytes);
  },
  oomScore: () => channel.send(Number(readFileSync("/proc/self/oom_score_adj", "utf8"))),
  spin() {
    channel.send("spinning");
    for (;;);
  },
  // One in its group, one with a session of its own, one that has lost its parent.
  async breed() {
    const lonely = spawn("/bin/sh", ["-c", "sleep 1000 & echo $!"], { detached: true });
    const [number] = await lonely.stdout.take(1).toArray();
    channel.send([sleeper({}), sleeper({ detached: true }), Number(String(number))]);
  },
  async fill({ mb, where }) {
    const kept = [];
    for (;;) {
      if (where === "heap") kept.push(Array.from({ length: 131_072 }, (_, index) => index + 0.5));
      else kept.push(Buffer.alloc(mb * 1024 * 1024, 1));
      await wait(1);
    }
  },
  fillChild({ mb }) {
    const code = `const kept = Buffer.alloc(${mb * 1024 * 1024}, 1); setInterval(() => kept, 1000)`;
    spawn(process.execPath, ["-e", code], { stdio: "ignore" });
  },
};

channel.onMessage(({ what, value }) => can[what](value));
