// The task files of docs/claims.md, on a real server: who holds what, and who says so.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(read("docs/claims.md"))) await program.addTask(name, code);
  await program.start();
});
afterAll(() => program.remove());

interface Waiting {
  readonly blocked_by: readonly { readonly since: string }[];
}

const weigh = async (parameters: object) => (await program.post("/tasks/weigh_task", { parameters })).body;
const look = (id: string): Promise<Waiting> => program.get<Waiting>(`/tasks/${id}`);

test("the first example holds the light and shares a room that is no device", async () => {
  const { body } = await program.post("/tasks/flash_task?wait=20");
  expect([body.status, body.error]).toEqual(["completed", null]);
});

test("who waits for a claim says for what, for whom and since when; others pass", async () => {
  const begun = Date.now();
  const first = await weigh({ scale: "left", sample: "A1", seconds: 60 });
  const second = await weigh({ scale: "left", sample: "B2" });
  const third = await weigh({ scale: "right", sample: "B2" });
  const fourth = await weigh({ scale: "right", sample: "C3" });

  const waiting = await look(second.id);
  expect(waiting).toMatchObject({ status: "pending", queue_position: 1 });
  expect(waiting.blocked_by).toMatchObject([
    { because: "claim", task_id: first.id, resource: "scale left", since: expect.stringMatching(/Z$/) },
  ]);
  expect(Date.parse(waiting.blocked_by[0]?.since ?? "")).toBeGreaterThanOrEqual(begun);
  expect((await look(third.id)).blocked_by).toMatchObject([
    { because: "claim_waiting", task_id: second.id, resource: "sample B2" },
  ]);
  expect((await look(fourth.id)).blocked_by).toMatchObject([
    { because: "claim_waiting", task_id: third.id, resource: "scale right" },
  ]);

  await program.post(`/tasks/${second.id}/cancel`);
  expect((await program.ended(third.id)).status).toBe("completed");
  expect((await program.ended(fourth.id)).result).toEqual({ sample: "C3", grams: 12.5 });
  await program.post(`/tasks/${first.id}/cancel`);
  expect((await program.ended(first.id)).status).toBe("cancelled");
});

test("other parameters are other claims", async () => {
  const first = await weigh({ scale: "left", sample: "A1", seconds: 60 });
  const second = await weigh({ scale: "left", sample: "B2" });
  const { status } = await fetch(`${program.url}/tasks/${second.id}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ parameters: { scale: "right", sample: "B2" } }),
  });
  expect(status).toBe(200);
  expect((await program.ended(second.id)).status).toBe("completed");
  await program.post(`/tasks/${first.id}/cancel`);
});
