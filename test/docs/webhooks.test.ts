// The receiver of docs/webhooks.md, in a process of its own, hears of a task of a real server.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultHookEvents, webhooksFrom, webhooksSchema } from "../../src/settings/webhooks.ts";
import { Program } from "../system/program.ts";
import { codeBlocksOf, read } from "./page.ts";

const page = read("docs/webhooks.md");
const blocks = codeBlocksOf(page);
const [settings, submit] = blocks
  .filter(({ language }) => language === "json")
  .map(({ code }) => JSON.parse(code));

class Receiver {
  readonly #child: ChildProcess;
  #said = "";

  constructor(file: string, secret: string) {
    this.#child = spawn(process.execPath, [file], {
      env: { SECRET: secret, PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child.stdout?.on("data", (text: Buffer) => {
      this.#said += text.toString();
      this.#child.emit("said");
    });
  }

  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#said)?.[1];
      if (found !== undefined) return found;
      await once(this.#child, "said");
    }
  }

  async end(): Promise<void> {
    const gone = once(this.#child, "exit");
    this.#child.kill();
    await gone;
  }
}

let program: Program;
let receiver: Receiver;
const secret = "what only the two of us know";
beforeAll(async () => {
  program = await Program.create();
  const file = path.join(program.folder, "receiver.mjs");
  const code = blocks.find(({ language }) => language === "js")?.code ?? "";
  await writeFile(file, code);
  receiver = new Receiver(file, secret);
  const port = await receiver.says(/listening on (\d+)/);
  const allowed = { ...settings, allow_private: true, secret };
  const hooks = [{ ...settings.hooks[0], url: `http://127.0.0.1:${port}/`, tasks: ["generator_task"] }];
  await writeFile(path.join(program.folder, "settings/webhooks.json"), JSON.stringify({ ...allowed, hooks }));
  await program.start();
  submit.webhooks[0].url = `http://127.0.0.1:${port}/`;
});
afterAll(async () => {
  await receiver.end();
  await program.remove();
});

test("the settings of the example are valid, once the addresses lead where they may", () => {
  expect(webhooksFrom(settings, "docs/webhooks.md").hooks).toHaveLength(2);
});

test("the receiver of the example believes what it is told of a task that names it, and of those an owner named", async () => {
  expect((await program.post("/tasks", submit)).status).toBe(202);
  await receiver.says(/^(task_completed) hello_world_async_task /m);
  await program.post("/tasks/generator_task", { parameters: { total_steps: 1, interval_seconds: 0 } });
  await receiver.says(/^(task_completed) generator_task /m);
});

test("a task may not bring a receiver inside where an owner has not allowed it", async () => {
  const other = await Program.create();
  try {
    await other.start();
    const { status, body } = await other.post("/tasks", submit);
    expect([status, body.code]).toEqual([422, "WEBHOOK_REFUSED"]);
  } finally {
    await other.remove();
  }
});

test("the figures of the page are the defaults", () => {
  const { timeout_seconds, first_retry_seconds, max_attempts, max_waiting } = webhooksSchema.parse({});
  for (const [key, value] of Object.entries({
    timeout_seconds,
    first_retry_seconds,
    max_attempts,
    max_waiting,
  }))
    expect(page.replace(/\s+/g, " ")).toContain(`\`${key}\` (${value})`);
  for (const event of defaultHookEvents) expect(page).toContain(`\`${event}\``);
});

test("the secret that is made is readable by its owner only, and made where none is set", async () => {
  expect(
    await readFile(path.join(program.folder, "data/webhook-secret"), "utf8").catch(() => null),
  ).toBeNull();
});
