// The sender of docs/messages.md, in a process of its own, against a real server and a real Redis.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { redisFrom, redisSchema } from "../../src/settings/redis.ts";
import { RedisServer, whyNoRedis } from "../redis-server.ts";
import { Program } from "../system/program.ts";
import { codeBlocksOf, read } from "./page.ts";
import { programFolder, runNode } from "./program.ts";

const page = read("docs/messages.md");
const blocks = codeBlocksOf(page);
const codeOf = (language: string): string => blocks.find((block) => block.language === language)?.code ?? "";
const settings = JSON.parse(codeOf("json"));

test("the settings of the page are valid, and its figures are the defaults", () => {
  expect(redisFrom(settings, "docs/messages.md").subscriptions).toHaveLength(1);
  expect(page.replace(/\s+/g, " ")).toContain(`\`max_pending\` (${redisSchema.parse({}).max_pending})`);
});

test("the sender of the page hears what the page says", async ({ skip }) => {
  if (whyNoRedis) skip(whyNoRedis);
  const redis = await RedisServer.start();
  const program = await Program.create();
  try {
    await writeFile(path.join(program.folder, "settings/redis.json"), JSON.stringify(settings));
    await program.start({ ARMATURE_REDIS_URL: redis.url });
    while (
      (await program.get<{ checks: { messages: { ok: boolean } } }>("/health/ready")).checks.messages.ok ===
      false
    );
    const folder = await programFolder(["ioredis"]);
    await writeFile(path.join(folder, "sender.mjs"), codeOf("js"));
    const { stdout, stderr } = await runNode(folder, ["sender.mjs"], { REDIS_URL: redis.url });
    expect(stderr).toBe("");
    expect(stdout.trimEnd()).toBe(codeOf("text").trimEnd());
  } finally {
    await program.remove();
    await redis.kill();
  }
});
