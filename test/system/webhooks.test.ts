// A receiver that is away while the power goes hears of it all the same.
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { signatureOf } from "../../src/outlets/signature.ts";
import { type Letter, Receiver } from "../outlets/receiver.ts";
import { Program } from "./program.ts";

let program: Program;
beforeEach(async () => {
  program = await Program.create();
  const settings = { allow_private: true, first_retry_seconds: 0.2, timeout_seconds: 1, max_attempts: 100 };
  await writeFile(path.join(program.folder, "settings/webhooks.json"), JSON.stringify(settings));
  await program.start();
});
afterEach(() => program.remove());

const submit = async (url: string): Promise<string> => {
  const { body } = await program.post("/tasks", {
    task: "hello_world_async",
    parameters: { total_steps: 1, delay_seconds: 0 },
    webhooks: [{ url, events: ["task_started", "task_completed"] }],
  });
  await program.ended(body.id);
  return body.id;
};

/** What came about this task, once its end is among it. */
const toldOf = async (receiver: Receiver, id: string): Promise<Letter[]> => {
  for (;;) {
    const own = receiver.letters.filter(({ body }) => body.task_id === id);
    if (own.some(({ body }) => body.type === "task_completed")) return own;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

test("killed while the receiver is away, the next start tells it what happened, signed with the same secret", async () => {
  const receiver = await Receiver.open();
  await receiver.close();
  const id = await submit(receiver.url);
  const file = path.join(program.folder, "data/webhooks.json");
  while (!(await readFile(file, "utf8")).includes(`${id}.task_completed`));
  await program.kill();
  await receiver.listen();
  await program.start();
  const told = await toldOf(receiver, id);
  expect(told.map(({ body }) => body.type).slice(0, 2)).toEqual(["task_started", "task_completed"]);
  const secretFile = path.join(program.folder, "data/webhook-secret");
  const secret = (await readFile(secretFile, "utf8")).trim();
  expect((await stat(secretFile)).mode & 0o777).toBe(0o600);
  for (const { headers, text } of told)
    expect(headers["armature-signature"]).toBe(
      signatureOf(text, Number(headers["armature-timestamp"]), secret),
    );
});

test("killed in the moment a task has ended, its end is told after the next start", async () => {
  const receiver = await Receiver.open();
  const { port } = receiver;
  // Nobody answers until the power is back.
  receiver.answer = () => undefined;
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    ids.push(await submit(`http://127.0.0.1:${port}/hook`));
    await program.kill();
    await program.start();
  }
  receiver.answer = (response) => response.writeHead(204).end();
  for (const id of ids) expect((await toldOf(receiver, id)).length).toBeGreaterThan(0);
}, 60_000);
