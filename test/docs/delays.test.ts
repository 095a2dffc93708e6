// The task and the request of docs/delays.md, on the simulated camera.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program, type WireTask } from "../system/program.ts";
import { canCurl, typeCurls } from "./curl.ts";
import { read, taskFilesOf } from "./page.ts";

const page = read("docs/delays.md");
let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(page)) await program.addTask(name, code);
  await program.start();
});
afterAll(() => program.remove());

const submit = async (body: object): Promise<WireTask> =>
  (await program.post("/tasks/night_photo_task", body)).body;
const msBetween = (earlier: unknown, later: unknown): number =>
  Date.parse(String(later)) - Date.parse(String(earlier));

test.runIf(canCurl)(
  "the request of the page is taken, and its photo is not taken before its second is over",
  async () => {
    const { id } = JSON.parse(await typeCurls(page, program.url));
    const task = await program.ended(id);
    expect(task).toMatchObject({
      status: "completed",
      priority: -10,
      result: { taken_at: expect.any(String) },
    });
    expect(msBetween(task.created_at, task.started_at)).toBeGreaterThanOrEqual(999);
  },
);

test("one that is due in an hour says so, and starts at once when it is given no time any more", async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = await submit({ not_before: later });
  expect((await program.get(`/tasks/${id}`)).blocked_by).toMatchObject([
    { because: "not_before", task_id: null, resource: later },
  ]);
  expect((await program.patch(`/tasks/${id}`, { not_before: null })).status).toBe(200);
  expect(await program.ended(id)).toMatchObject({ status: "completed" });
});

test("of those that are due the most urgent comes first, whatever its type says", async () => {
  await program.post("/queue/pause");
  const night = await submit({});
  const urgent = await submit({ priority: 5 });
  await program.post("/queue/resume");
  const [first, second] = [await program.ended(urgent.id), await program.ended(night.id)];
  expect(msBetween(first.started_at, second.started_at)).toBeGreaterThan(0);
});

test("both at once are refused", async () => {
  const refused = await program.post("/tasks/night_photo_task", {
    delay_seconds: 1,
    not_before: "2026-11-21T06:00:00Z",
  });
  expect(refused.status).toBe(422);
});
