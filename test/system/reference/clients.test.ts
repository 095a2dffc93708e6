// The clients that the reference documents show, as they stand there, against the program as it is shipped.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { canCurl } from "../../docs/curl.ts";
import type { Program, WireTask } from "../program.ts";
import { type Request, requestsIn, send, type Typed, type } from "./asking.ts";
import { startOnDefaultPort, theirAddress } from "./default-port.ts";
import { answersIn, blocksOf, curlsOf, documentOf } from "./documents.ts";
import { Ear } from "./ear.ts";

/** Types a line of a document into a shell, with a real id in place of the document's. */
const typed = (line: string, placeholder = "", id = ""): Promise<Typed> =>
  type(here(placeholder === "" ? line : line.replaceAll(placeholder, id)));

const stage = documentOf("000");
const engineManager = documentOf("001");

/** Debian's, which has Debian's packages. */
const python = "/usr/bin/python3";
const hasPython = (() => {
  const has = spawnSync(python, ["-c", "import requests, websockets"]).status === 0;
  if (!has) console.info("python3-requests or python3-websockets is not there: the Python client is not run");
  return has;
})();

let program: Program;
let here: (text: string) => string;
beforeAll(async () => {
  ({ program, here } = await startOnDefaultPort());
});
afterAll(() => program.remove());

test("the documents name the default port", () => {
  for (const line of [...curlsOf(stage), ...curlsOf(engineManager)]) expect(line).toContain(theirAddress);
});

test.skipIf(!canCurl)(
  "every curl line of the alignment stage's document is answered as it says",
  async () => {
    const placeholder = "a1b2c3d4-e5f6-...";
    const [start = "", look = "", stop = "", ...more] = curlsOf(stage);
    expect(more).toEqual([]);
    const [shown] = answersIn(stage);

    const ear = await Ear.open(program.url);
    const started = await typed(start);
    expect(started.status).toBe(202);
    const { task_id: id } = started.body;
    expect(started.body).toEqual(JSON.parse(JSON.stringify(shown).replaceAll(placeholder, id)));

    await ear.first(({ type: what, task_id }) => what === "task_progress" && task_id === id);
    ear.close();
    const seen = await typed(look, placeholder, id);
    expect(seen.status).toBe(200);
    expect(seen.body).toMatchObject({ task_id: id, status: "running", progress: { axis: 3 }, error: null });

    const stopped = await typed(stop, placeholder, id);
    expect(stopped.status).toBe(200);
    expect(stopped.body.status).toMatch(/^(stopping|cancelled)$/);
    await program.ended(id);
    const { status, partial_result: way } = (await typed(look, placeholder, id)).body;
    expect(status).toBe("cancelled");
    expect(way.requested).toBe(100);
    expect(way.travelled).toBeGreaterThan(0);
    expect(way.travelled).toBeLessThan(100);
  },
);

test.skipIf(!canCurl)("every curl line of EngineManager's document is answered as it says", async () => {
  const [create = "", list = "", pending = "", get = "", cancel = "", ...more] = curlsOf(engineManager);
  expect(more).toEqual([]);
  // So that it is still pending when it is listed and cancelled.
  await program.post("/queue/pause");
  const created = await typed(create);
  expect(created.status).toBe(202);
  expect(created.body).toMatchObject({ name: "test", action: "capture_image", status: "pending" });
  const { id } = created.body;
  const idsOf = ({ body }: Typed): string[] => body.map((task: WireTask) => task.id);
  expect(idsOf(await typed(list))).toContain(id);
  expect(idsOf(await typed(pending))).toEqual([id]);
  expect((await typed(get, "{task_id}", id)).body).toMatchObject({ id, status: "pending" });
  expect(await typed(cancel, "{task_id}", id)).toMatchObject({
    status: 200,
    body: { id, status: "cancelled" },
  });
  await program.post("/queue/resume");
});

test.skipIf(!canCurl)(
  "as they follow each other in a shell, nothing of EngineManager's is refused but a late cancel",
  async () => {
    const [create = "", ...others] = curlsOf(engineManager);
    const { id } = (await typed(create)).body;
    const statuses: number[] = [];
    for (const line of others) statuses.push((await typed(line, "{task_id}", id)).status);
    expect(statuses.slice(0, -1)).toEqual([200, 200, 200]);
    expect([200, 409]).toContain(statuses.at(-1));
    expect(["completed", "cancelled"]).toContain((await program.ended(id)).status);
  },
);

test("every request of EngineManager's document is answered, with the fields and the nulls it shows", async () => {
  const requests = blocksOf(engineManager, "http").flatMap(requestsIn);
  expect(requests).toHaveLength(6);
  const [create, ...others] = requests;
  await program.post("/queue/pause");
  const created = await send(program.url, create as Request);
  const [shown] = blocksOf(engineManager, "json").map((code) => JSON.parse(code));
  expect(created.status).toBe(202);
  const { id, created_at, ...rest } = shown;
  expect(Object.keys(created.body)).toEqual(expect.arrayContaining(["id", "created_at"]));
  expect(created.body).toMatchObject(rest);
  expect(new Date(created.body.created_at).getTime()).not.toBeNaN();
  expect([typeof id, typeof created_at]).toEqual(["string", "string"]);
  for (const request of others) expect((await send(program.url, request, created.body.id)).status).toBe(200);
  await program.post("/queue/resume");
});

test.skipIf(!hasPython)(
  "EngineManager's Python client creates a task and hears of every event of its life",
  async () => {
    const [client = ""] = blocksOf(engineManager, "python").filter((code) =>
      code.includes("websockets.connect"),
    );
    expect(client).toContain(theirAddress);
    // The client connects only after it has submitted: what it submits waits until it listens.
    await program.post("/queue/pause");
    const child = spawn(python, ["-u", "-c", here(client)], {
      env: { PATH: process.env.PATH, NO_PROXY: "*" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const exit = once(child, "exit");
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await exit;
    });
    let complaints = "";
    child.stderr.on("data", (text) => {
      complaints += text;
    });
    const lines: string[] = [];
    let id = "";
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      id ||= /^Created task: (\S+)$/.exec(line)?.[1] ?? "";
      if (line === "Event: snapshot, Task: None") await program.post("/queue/resume");
      if (line === `Event: task_completed, Task: ${id}`) break;
    }
    expect(lines[0], complaints).toBe(`Created task: ${id}`);
    expect(lines).toContain(`Event: task_started, Task: ${id}`);
    expect(lines.at(-1)).toBe(`Event: task_completed, Task: ${id}`);
    expect(await program.get(`/tasks/${id}`)).toMatchObject({
      name: "my_task",
      status: "completed",
      result: { image_data: expect.any(String), timestamp: expect.any(String) },
    });
  },
);

test("the five events of EngineManager's document come over /ws with the fields it shows", async () => {
  const shown = blocksOf(engineManager, "json")
    .map((code) => JSON.parse(code))
    .filter(({ type: name }) => typeof name === "string");
  expect(shown.map(({ type: name }) => name)).toEqual([
    "task_scheduled",
    "task_started",
    "task_completed",
    "task_failed",
    "task_cancelled",
  ]);
  const ear = await Ear.open(program.url);
  const submit = async (action: string, parameters = {}) =>
    (await program.post("/tasks", { name: "capture_sample_1", action, parameters })).body.id;
  await program.ended(await submit("capture_image"));
  await program.ended(await submit("failing"));
  const { status } = await fetch(`${program.url}/tasks/${await submit("resumable_demo")}`, {
    method: "DELETE",
  });
  expect(status).toBe(200);
  for (const example of shown) {
    const event = await ear.first(({ type: what }) => what === example.type);
    const types = (fields: object) =>
      Object.fromEntries(
        Object.keys(example).map((field) => [field, typeof (fields as Record<string, unknown>)[field]]),
      );
    expect(types(event), example.type).toEqual(types(example));
  }
  ear.close();
});
