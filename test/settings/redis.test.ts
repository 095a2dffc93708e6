import { expect, test } from "vitest";
import { parseJson } from "../../src/settings/json-text.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { redisFrom } from "../../src/settings/redis.ts";
import { project } from "./folder.ts";

const load = async (redis: unknown, env = {}) =>
  loadSettings({ projectRoot: await project({ "redis.json": redis }), env });

const problemOf = (written: unknown): string => {
  try {
    redisFrom(written, "settings/redis.json");
    return "none";
  } catch (error) {
    return JSON.stringify([(error as Error).message, { ...(error as object) }]);
  }
};

test("without settings/redis.json there is no address, so nothing connects", async () => {
  const { redis } = await loadSettings({ projectRoot: await project(), env: {} });
  expect(redis.url).toBeNull();
});

test("the environment's address wins over the file's", async () => {
  const file = { url: "redis://file:6379" };
  expect((await load(file)).redis.url).toBe("redis://file:6379");
  const env = { ARMATURE_REDIS_URL: "rediss://name:pass%2Fword@lab.example:6380/2" };
  expect((await load(file, env)).redis.url).toBe(env.ARMATURE_REDIS_URL);
  expect((await load(file, { ARMATURE_REDIS_URL: "" })).redis.url).toBe("redis://file:6379");
});

test.for([
  ["redis://localhost", "none"],
  ["redis://[::1]:6379/15", "none"],
  [
    "localhost:6379",
    "expected redis://host:port/database or rediss://host:port/database, found no // behind its first colon",
  ],
  ["http://localhost:6379", "found http://localhost:6379"],
  [
    "redis://localhost/main",
    "expected the number of a database behind the host, found redis://localhost/main",
  ],
  ["redis://localhost?db=2", "expected nothing behind the database"],
  ["redis://:100%@localhost", "a % is written %25"],
] as const)("the address %s: %s", ([url, expected]) => {
  expect(problemOf({ url })).toContain(expected);
});

test.for([
  { url: "redis://:s3cret/word@lab.example" },
  { url: "redis://:s3cret#word@lab.example:6379" },
  { url: "redis://:s3cret@lab.example?x=s3cret" },
  { url: "http://me:s3cret@lab.example" },
  { url: "redis://:s3cret%@lab.example" },
  { url: "redis://:s3cret@lab.example/main" },
  { url: ["redis://:s3cret@lab.example"] },
  { uri: "redis://:s3cret@lab.example" },
])("no error shows the password: %j", (written) => {
  expect(problemOf(written)).not.toContain("s3cret");
  expect(problemOf(written)).toContain("INVALID_SETTINGS");
});

test("neither does one about the environment, or about broken JSON", async () => {
  const wrong = load({}, { ARMATURE_REDIS_URL: "redis://:s3cret/word@lab.example" });
  await expect(wrong).rejects.toThrow(/ARMATURE_REDIS_URL: expected redis:.*found redis:\/\/…@lab\.example/);
  expect(() => parseJson('{"url": "redis://:s3cret@lab')).toThrow(/found "redis:\/\/…@lab/);
});

test("a channel is for one task, and a result is never a message", () => {
  const one = { channel: "a", task: "scan" };
  expect(redisFrom({ subscriptions: [one] }, "here").subscriptions).toEqual([
    { ...one, results_channel: null },
  ]);
  expect(problemOf({ subscriptions: [one, { ...one, task: "crop" }] })).toContain(
    "subscriptions[1].channel: 'a' has a subscription already",
  );
  expect(problemOf({ subscriptions: [one, { channel: "b", task: "crop", results_channel: "a" }] })).toContain(
    "subscriptions[1].results_channel: messages are taken from 'a': results would come back as messages",
  );
  expect(problemOf({ subscriptions: [{ ...one, result_channel: "r" }] })).toContain("did you mean");
});
