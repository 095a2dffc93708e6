// `armature worker` before it works: what it is told wrongly, and where there is no Redis.
import { expect, test } from "vitest";
import { startWorker } from "../../src/fleet-worker.ts";
import { deferred } from "../../src/lib/deferred.ts";
import { folder, type, typing } from "./shell.ts";

test.each([
  [["--url", "http://lab-1"], "expected redis://host:port/database"],
  [["--concurrency", "many"], "expected a whole number from 1 to 1000"],
  [["--concurrency", "0"], "expected a whole number from 1 to 1000"],
  [["now"], "'now' is one word too many"],
])("worker %j is refused in a sentence", async (words, sentence) => {
  const { code, err } = await type(["worker", ...words]);
  expect([code, err]).toEqual([1, expect.stringContaining(sentence)]);
});

test("without a Redis it says where to name one", async () => {
  const { code, err } = await type(["worker"], { startWorker, env: await env() });
  expect([code, err]).toEqual([1, expect.stringContaining("ARMATURE_REDIS_URL")]);
});

test("while Redis is away it waits, and ends when it is told to", async () => {
  const starting = deferred();
  const waiting = typing(["worker", "--url", "redis://127.0.0.1:1"], {
    env: await env(),
    startWorker(options) {
      starting.resolve();
      return startWorker(options);
    },
  });
  await starting.promise;
  waiting.interrupt();
  const { code, out, err } = await waiting.ended;
  expect([code, out, err]).toEqual([0, "", ""]);
});

const env = async (): Promise<Record<string, string>> => ({
  ARMATURE_COMMUNITY_TASKS_DIR: await folder(),
  ARMATURE_LOG_LEVEL: "error",
});
