import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Redis } from "ioredis";
import { afterEach, describe, expect, test } from "vitest";
import { Connection } from "../../src/outlets/redis/connection.ts";
import { FakeClock } from "../fake-clock.ts";
import { quiet } from "../quiet.ts";
import { freePort, RedisServer, whyNoRedis } from "../redis-server.ts";

const opened: Connection[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const connection of opened.splice(0)) connection.close();
  for (const server of servers.splice(0)) server.close();
});

function open(url: string, onReady: (client: Redis) => Promise<void> = async () => undefined) {
  const clock = new FakeClock();
  const connection = new Connection({
    url,
    Redis,
    clock,
    log: quiet,
    random: () => 0,
    purpose: "is tested",
    onReady,
  });
  opened.push(connection);
  connection.open();
  return { clock, connection };
}

/** Takes connections and does with each what it is told. */
async function stranger(port: number, meet: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => "it went away");
    meet(socket);
  }).listen(port, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return server;
}

test("one that takes the connection and says nothing is left after a while, and tried again", async () => {
  const port = await freePort();
  const server = await stranger(port, () => undefined);
  const { clock, connection } = open(`redis://127.0.0.1:${port}`);
  await once(connection.client, "connect");
  expect(connection.problem).toContain("is not reached yet");
  await clock.advance(9999);
  expect(connection.problem).toContain("is not reached yet");
  const again = once(server, "connection");
  await clock.advance(1);
  expect(connection.problem).toContain("does not work (no answer within 10 seconds)");
  await again;
});

test("one that hangs up at once is tried ever more rarely", async () => {
  const port = await freePort();
  await stranger(port, (socket) => socket.destroy());
  const { connection } = open(`redis://127.0.0.1:${port}`);
  const pauses: number[] = [];
  for await (const [ms] of on<[number]>(connection, "reconnecting")) if (pauses.push(ms) === 5) break;
  expect(pauses).toEqual([50, 100, 200, 400, 800]);
});

async function* on<T>(connection: Connection, event: string): AsyncGenerator<T> {
  for (;;) yield (await once(connection.client, event)) as T;
}

describe.skipIf(whyNoRedis)(`with Redis${whyNoRedis ? ` (${whyNoRedis})` : ""}`, () => {
  test("one that falls silent is left, and what was under way fails", async () => {
    const redis = await RedisServer.start();
    try {
      const { clock, connection } = open(redis.url);
      await once(connection.client, "ready");
      expect(connection.problem).toBeNull();
      redis.freeze();
      const sent = connection.client.publish("nowhere", "nothing").then(
        () => "taken",
        () => "failed",
      );
      await clock.advance(15_000);
      await clock.advance(10_000);
      expect(connection.problem).toContain("no answer within 10 seconds");
      expect(await sent).toBe("failed");
      redis.thaw();
      await once(connection.client, "ready");
      expect(connection.problem).toBeNull();
    } finally {
      await redis.kill();
    }
  });

  test("while something comes it is not taken for silent", async () => {
    const redis = await RedisServer.start();
    try {
      const { clock, connection } = open(redis.url);
      await once(connection.client, "ready");
      redis.freeze();
      await clock.advance(15_000);
      connection.hear();
      await clock.advance(10_000);
      expect(connection.problem).toBeNull();
      await clock.advance(15_000);
      await clock.advance(10_000);
      expect(connection.problem).toContain("no answer within 10 seconds");
    } finally {
      redis.thaw();
      await redis.kill();
    }
  });

  test("while it rests nothing is read; what came meanwhile is read afterwards", async () => {
    const redis = await RedisServer.start();
    const sender = new Redis(redis.url);
    try {
      const { clock, connection } = open(redis.url, async (client) => {
        await client.subscribe("here");
      });
      const heard: string[] = [];
      connection.client.on("message", (_, text) => heard.push(text));
      while (connection.problem !== null) await new Promise(setImmediate);
      connection.rest(100);
      expect(await sender.publish("here", "a word")).toBe(1);
      await sender.ping();
      await clock.advance(99);
      expect(heard).toEqual([]);
      await clock.advance(1);
      while (heard.length === 0) await new Promise(setImmediate);
      expect(heard).toEqual(["a word"]);
    } finally {
      sender.disconnect();
      await redis.kill();
    }
  });

  test("what is refused on it is said, and tried again", async () => {
    const redis = await RedisServer.start();
    const admin = new Redis(redis.url);
    try {
      await admin.call("ACL", "SETUSER", "lab", "on", ">s3cret", "+@all", "resetchannels", "&mine");
      const { clock, connection } = open(`redis://lab:s3cret@127.0.0.1:${redis.port}`, async (client) => {
        await client.subscribe("yours");
      });
      await once(connection.client, "ready");
      while (!connection.problem?.includes("NOPERM")) await new Promise(setImmediate);
      expect(connection.problem).not.toContain("s3cret");
      await admin.call("ACL", "SETUSER", "lab", "&yours");
      await clock.advance(30_000);
      while (connection.problem !== null) await new Promise(setImmediate);
    } finally {
      admin.disconnect();
      await redis.kill();
    }
  });
});
