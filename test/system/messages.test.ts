// A real Redis, the real program, and somebody who sends messages.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startServer } from "../../src/main.ts";
import { type } from "../cli/shell.ts";
import { RedisServer, whyNoRedis } from "../redis-server.ts";
import { Program } from "./program.ts";

const channels = { steps: "lab:steps", saved: "lab:saved", gone: "lab:gone", results: "lab:results" };
const subscriptions = [
  { channel: channels.steps, task: "hello_world_async", results_channel: channels.results },
  { channel: channels.saved, task: "resumable_demo_task", results_channel: channels.results },
];

// biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
type Answer = any;

/** Sends messages and hears what is published about them. */
class Sender {
  readonly #clients: readonly [Redis, Redis];
  readonly heard: Answer[] = [];
  #wake: () => void = () => undefined;

  constructor(url: string) {
    const options = { maxRetriesPerRequest: null, retryStrategy: () => 20 };
    this.#clients = [new Redis(url, options), new Redis(url, options)];
    for (const client of this.#clients) client.on("error", () => "it comes back");
    this.#clients[1].on("message", (_, text) => {
      this.heard.push(JSON.parse(text));
      this.#wake();
    });
  }

  async listen(): Promise<this> {
    await this.#clients[1].subscribe(channels.results);
    return this;
  }

  /** @returns by how many it was heard */
  send(channel: string, message: unknown): Promise<number> {
    const text = typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message);
    return this.#clients[0].publish(channel, text);
  }

  /** Once somebody takes messages there. */
  async sendWhenHeard(channel: string, message: unknown): Promise<void> {
    while ((await this.send(channel, message)) === 0);
  }

  commandStatistics(): Promise<string> {
    return this.#clients[0].info("commandstats");
  }

  async hears(fits: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const found = this.heard.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end(): void {
    for (const client of this.#clients) client.disconnect();
  }
}

const about = (page: number) => (answer: Answer) => answer.metadata.page === page;
const refused = (code: string) => (answer: Answer) => answer.failure?.code === code;
/** Takes a while to clean up. */
const lingering = `
import { Task } from "armature/task";
export class LingeringTask extends Task.with({ name: "lingering_task" }) {
  async run(_, ctx) {
    try {
      await ctx.sleep(60_000);
    } finally {
      await ctx.sleep(1500);
    }
  }
}
`;

const quick = { total_steps: 1, delay_seconds: 0 };

describe.skipIf(whyNoRedis)(`messages of Redis${whyNoRedis ? ` (${whyNoRedis})` : ""}`, () => {
  let redis: RedisServer;
  let program: Program;
  let sender: Sender;

  const configure = (more: object = {}) =>
    writeFile(
      path.join(program.folder, "settings/redis.json"),
      JSON.stringify({ url: redis.url, subscriptions, ...more }),
    );
  const messagesCheck = async () =>
    (await program.get<Answer>("/health/ready")).checks.messages as { ok: boolean; problem: string | null };
  const checkSays = async (fits: (check: { ok: boolean; problem: string | null }) => boolean) => {
    for (;;) {
      const check = await messagesCheck();
      if (fits(check)) return check;
    }
  };
  const taken = () => checkSays(({ ok }) => ok);

  beforeEach(async () => {
    redis = await RedisServer.start();
    program = await Program.create();
    sender = await new Sender(redis.url).listen();
  });
  afterEach(async () => {
    sender.end();
    await program.remove();
    await redis.kill();
  });

  test("a message becomes a task, and its result is published", async () => {
    await configure();
    await program.start();
    await taken();
    // The parameters alone, and a body with more to say.
    await sender.send(channels.steps, quick);
    const plain = await sender.hears(({ status }) => status === "completed");
    expect(plain).toEqual({
      task_id: expect.any(String),
      status: "completed",
      data: expect.anything(),
      error: null,
      failure: null,
      metadata: { message_source: channels.steps },
      completed_at: expect.any(String),
      links: { self: `/tasks/${plain.task_id}`, result: null },
    });
    expect(plain.data).toEqual((await program.get(`/tasks/${plain.task_id}`)).result);

    const body = {
      parameters: quick,
      priority: 7,
      name: "page 2",
      metadata: { page: 2, message_source: "x" },
    };
    await sender.send(channels.steps, body);
    const { task_id, metadata } = await sender.hears(about(2));
    expect(metadata).toEqual({ page: 2, message_source: channels.steps });
    expect(await program.get(`/tasks/${task_id}`)).toMatchObject({ priority: 7, name: "page 2", metadata });

    // The same key is the same task, whose result is told again.
    const once = { parameters: quick, metadata: { page: 3 }, idempotency_key: "page 3" };
    await sender.send(channels.steps, once);
    const first = await sender.hears(about(3));
    sender.heard.length = 0;
    await sender.send(channels.steps, once);
    expect((await sender.hears(about(3))).task_id).toBe(first.task_id);
    await sender.send(channels.steps, { ...once, priority: 1 });
    expect(await sender.hears(refused("IDEMPOTENCY_CONFLICT"))).toMatchObject({
      task_id: null,
      metadata: { page: 3 },
    });
  });

  test("what is no message for its task is answered with what is wrong, and harms nobody", async () => {
    await configure({ max_pending: 2 });
    await program.editSettings("firmware.json", (settings) => {
      settings.server = { max_body_bytes: 2048 };
    });
    await program.start();
    await taken();
    await sender.send(channels.steps, "no JSON");
    expect(await sender.hears(refused("MALFORMED_JSON"))).toEqual({
      task_id: null,
      status: "failed",
      data: null,
      error: expect.stringContaining("is not JSON"),
      failure: {
        code: "MALFORMED_JSON",
        message: expect.stringContaining("is not JSON"),
        details: expect.any(Object),
        remediation: expect.any(String),
      },
      metadata: { message_source: channels.steps },
      completed_at: expect.any(String),
      links: null,
    });
    await sender.send(channels.steps, Buffer.from([0x22, 0xff, 0x22]));
    expect((await sender.hears(({ error }) => error?.includes("UTF-8"))).failure.code).toBe("MALFORMED_JSON");
    await sender.send(channels.steps, [1, 2]);
    expect((await sender.hears(refused("INVALID_REQUEST"))).failure.details.errors[0].message).toContain(
      "expected",
    );
    await sender.send(channels.steps, { parameters: { total_steps: -1 }, metadata: { page: 4 } });
    const invalid = await sender.hears(refused("INVALID_PARAMETERS"));
    expect(invalid.metadata.page).toBe(4);
    expect(invalid.failure.details.errors[0].path).toBe("parameters.total_steps");
    await sender.send(channels.steps, { parameters: {}, task: "exclusive_demo_task", metadata: { page: 5 } });
    expect((await sender.hears(about(5))).failure.details.errors[0].path).toBe("task");
    await sender.send(channels.steps, "[".repeat(100));
    await sender.hears(refused("BODY_TOO_DEEP"));
    await sender.send(channels.steps, { text: "x".repeat(4096) });
    await sender.hears(refused("BODY_TOO_LARGE"));

    await program.post("/queue/pause");
    for (let page = 10; page < 13; page++) {
      await sender.send(channels.steps, { parameters: quick, metadata: { page } });
    }
    expect(await sender.hears(refused("TOO_MANY_PENDING"))).toMatchObject({ metadata: { page: 12 } });
    await program.post("/queue/resume");
    expect((await sender.hears(about(11))).status).toBe("completed");
    const metrics = await (await fetch(`${program.url}/metrics`)).text();
    expect(metrics).toMatch(/armature_redis_messages_total\{outcome="refused"\} 8$/m);
    expect(metrics).toMatch(/armature_redis_up 1$/m);
    expect(program.output).toContain("a message became no task");
  });

  test("a server whose Redis is away starts, works, says so, and publishes the results when it is back", async () => {
    await configure({ subscriptions: [...subscriptions, { channel: channels.gone, task: "nowhere_task" }] });
    await redis.kill();
    await program.start();
    const away = await checkSays(({ problem }) => problem?.includes("ECONNREFUSED") ?? false);
    expect(away.problem).toMatch(
      /^redis:\/\/127\.0\.0\.1:\d+ does not work \(.*ECONNREFUSED.*\), since .*; it is tried again; '/,
    );
    expect(away.problem).toContain("'lab:gone' is for 'nowhere_task', and there is no such task type");
    expect((await program.get<Answer>("/health/ready")).ready).toBe(true);

    await redis.back();
    await sender.sendWhenHeard(channels.saved, {
      parameters: { steps: 3, interval_seconds: 0.5 },
      metadata: { page: 1 },
    });
    const [running] = await (async () => {
      for (;;) {
        const tasks = await program.get<Answer[]>("/tasks?status=running");
        if (tasks.length > 0) return tasks;
      }
    })();
    await redis.kill();
    expect((await program.ended(running.id)).status).toBe("completed");
    expect((await messagesCheck()).ok).toBe(false);
    await redis.back();
    expect(await sender.hears(about(1))).toMatchObject({ task_id: running.id, status: "completed" });
  });

  test("a task that ran when the power went is answered by the next start, and so is what ended while Redis was away", async () => {
    await configure();
    await program.start();
    await taken();
    await sender.send(channels.saved, {
      parameters: { steps: 4, interval_seconds: 0.1 },
      metadata: { page: 1 },
    });
    while ((await program.get<Answer[]>("/tasks?status=running")).length === 0);
    await program.kill();
    await program.start();
    expect((await sender.hears(about(1))).status).toBe("completed");

    await taken();
    await sender.send(channels.saved, {
      parameters: { steps: 2, interval_seconds: 0.1 },
      metadata: { page: 2 },
    });
    while ((await program.get<Answer[]>("/tasks?status=running")).length === 0);
    await redis.kill();
    const [{ id }] = await program.get<Answer>("/tasks?status=running");
    await program.ended(id);
    // In order this time.
    expect(await program.signal("SIGTERM")).toBe(0);
    await redis.back();
    await program.start();
    expect(await sender.hears(about(2))).toMatchObject({ task_id: id, status: "completed" });
    expect(program.output).not.toContain("an error without an owner");
  });

  test("the doctor says whether Redis answers, and takes no message", async () => {
    await configure();
    const env = {
      ARMATURE_SETTINGS_DIR: path.join(program.folder, "settings"),
      ARMATURE_DATA_DIR: path.join(program.folder, "data"),
      ARMATURE_PORT: "0",
    };
    const well = await type(["doctor"], { env, startServer });
    expect(well.out).toContain(`✓ ${redis.url} answers`);
    // Once by the sender of this test.
    expect(await sender.commandStatistics()).toContain("cmdstat_subscribe:calls=1,");
    await redis.kill();
    const ill = await type(["doctor"], { env, startServer });
    expect(ill.code).toBe(1);
    expect(ill.out).toMatch(
      /✗ redis:\/\/127\.0\.0\.1:\d+ does not work: connect ECONNREFUSED.*\n {2}→ Start Redis/,
    );
  });

  test("what comes while the server shuts down is answered, and the password is nowhere to be read", async () => {
    await redis.kill();
    redis = await RedisServer.start({ requirepass: "s3cret" });
    const url = `redis://:s3cret@127.0.0.1:${redis.port}`;
    sender.end();
    sender = await new Sender(url).listen();
    await configure({ url: `redis://:wr0ng@127.0.0.1:${redis.port}` });
    await program.start({ ARMATURE_LOG_LEVEL: "debug" });
    const { problem } = await checkSays((check) => check.problem?.includes("WRONGPASS") ?? false);
    expect(problem).not.toContain("wr0ng");
    expect(await program.signal("SIGTERM")).toBe(0);
    expect(program.output).toContain("WRONGPASS");
    expect(program.output).not.toContain("wr0ng");

    await program.addTask("lingering_task.ts", lingering);
    await program.start({ ARMATURE_REDIS_URL: url, ARMATURE_LOG_LEVEL: "debug" });
    await taken();
    const { body } = await program.post("/tasks/lingering_task");
    while ((await program.get(`/tasks/${body.id}`)).status !== "running");
    const bundle = JSON.stringify([
      await program.get(`/tasks/${body.id}/bundle`),
      await program.get("/settings"),
    ]);
    const ended = program.signal("SIGTERM");
    while ((await program.get<Answer>("/health/ready")).checks.runtime.ok);
    await sender.send(channels.steps, { parameters: quick, metadata: { page: 2 } });
    expect(await sender.hears(about(2))).toMatchObject({ task_id: null, failure: { code: "SHUTTING_DOWN" } });
    expect(await ended).toBe(0);
    expect(bundle + program.output).not.toContain("s3cret");
  });
});
