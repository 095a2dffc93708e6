// The requests, the task and the tables of docs/devices.md.
import { afterAll, beforeAll, expect, test } from "vitest";
import { deviceStates } from "../../src/hardware/device.ts";
import { Program } from "../system/program.ts";
import { canCurl, typeCurls } from "./curl.ts";
import { codeBlocksOf, read, taskFilesOf } from "./page.ts";

const page = read("docs/devices.md");

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(page)) await program.addTask(name, code);
  await program.start({ ARMATURE_LOG_LEVEL: "silent" });
});
afterAll(() => program.remove());

/** The answers that the page shows, in its order. */
const [device, progress, stopped, changed] = codeBlocksOf(page)
  .filter(({ language }) => language === "json")
  .map(({ code }) => JSON.parse(code)) as Record<string, unknown>[];

test("a device is shown as the page shows it", async () => {
  expect(await program.get("/devices/x")).toEqual(device);
});

test.skipIf(!canCurl)("every request is answered as the page says", async () => {
  const printed = await typeCurls(page, program.url);
  expect(printed).toContain(JSON.stringify(stopped));
});

test("a move's progress has the fields the page shows", async () => {
  const { body } = await program.post("/devices/x/move?wait=30", { position_um: 250 });
  const { data } = body.progress as { data: Record<string, unknown> };
  expect(Object.keys(data)).toEqual(Object.keys(progress ?? {}));
  expect(data).toMatchObject({ axis: "x", target_position: 250, message: "x is at 250 of 250 µm" });
});

test("the table of states has them all", () => {
  const rows = Array.from(page.matchAll(/^\| `(?!state)(\w+)` +\| /gm), ([, state]) => state);
  expect(rows).toEqual([...deviceStates]);
});

test("what is told of a change has the keys the page shows", async () => {
  const answer = await fetch(`${program.url}/events`, { headers: { accept: "application/json" } });
  const events = (await answer.json()) as { type: string; device: object; changed: string[] }[];
  const last = events.findLast(({ type }) => type === "device_changed");
  expect(Object.keys(changed ?? {})).toEqual(["type", "device", "changed"]);
  expect(Object.keys(last?.device ?? {})).toEqual(Object.keys(device ?? {}));
});

test("the task of the page moves an axis, and its marks refuse what cannot be, in a process of its own too", async () => {
  const nudge = (parameters: object) => program.post("/tasks/nudge_task?wait=30", { parameters });
  const { body } = await nudge({ axis: "y", by: 20, focus_um: 900 });
  expect(body).toMatchObject({
    status: "completed",
    lane: "isolated",
    result: { travelled: 20, focus_um: 900 },
  });
  for (const [parameters, code] of [
    [{ axis: "y", to: 1001 }, "OUT_OF_LIMITS"],
    [{ axis: "y", by: -1500 }, "OUT_OF_LIMITS"],
    [{ axis: "y", focus_um: -1 }, "OUT_OF_LIMITS"],
    [{ axis: "light" }, "DEVICE_LACKS"],
    [{ axis: "yy" }, "INVALID_PARAMETERS"],
  ] as const)
    expect(await nudge(parameters)).toMatchObject({ status: 422, body: { code } });
});
