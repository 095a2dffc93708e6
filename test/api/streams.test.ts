import { afterEach, expect, test } from "vitest";
import type { EventInput } from "../../src/events/catalogue.ts";
import { FakeClock } from "../fake-clock.ts";
import { deafSocket, Listener, SseReader } from "./listeners.ts";
import { ApiWorld, until } from "./world.ts";

let world: ApiWorld;
afterEach(() => world.close());

const something = (n: number, filler = ""): EventInput => ({
  type: "queue_changed",
  task_id: null,
  paused: false,
  n,
  filler,
});
const progress = (id: string, current: number, filler = ""): EventInput => ({
  type: "task_progress",
  task_id: id,
  progress: { current, filler },
});
const seqs = (listener: Listener): number[] => listener.messages.map(({ seq }) => seq);

test("a WebSocket gets a snapshot of what lives, then every event in its order", async () => {
  world = await ApiWorld.open();
  const before = await world.submit();
  const listener = await Listener.open(world.url, "/ws");
  const snapshot = await listener.heard("snapshot");
  expect(snapshot.tasks.map((task: { id: string }) => task.id)).toEqual([before]);
  expect(snapshot.tasks[0].links.self).toBe(`/tasks/${before}`);
  const id = await world.submit();
  await world.finish(id, 42);
  const { result } = await listener.heard("task_completed");
  expect(result).toBe(42);
  const scheduled = await listener.heard("task_scheduled", (event) => event.task_id === id);
  expect(scheduled).toMatchObject({ name: "count_task", action: "count" });
  const heard = seqs(listener);
  expect(heard).toEqual(heard.map((_, n) => (heard[0] as number) + n));
  await listener.close();
});

test("since replays what was missed, without a gap and without a duplicate", async () => {
  world = await ApiWorld.open();
  for (let n = 1; n <= 20; n++) world.events.publish(something(n));
  const opening = Listener.open(world.url, "/ws?since=12");
  for (let n = 21; n <= 200; n++) {
    world.events.publish(something(n));
    if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const listener = await opening;
  world.events.publish(something(201));
  await until(() => listener.messages.at(-1)?.seq === 201);
  expect(seqs(listener)).toEqual(Array.from({ length: 189 }, (_, n) => n + 13));
  await listener.close();
});

test("since a number that cannot be replayed from gets a snapshot that says so", async () => {
  world = await ApiWorld.open({ firstSeq: 100, keepEvents: 5 });
  for (let n = 0; n < 20; n++) world.events.publish(something(n));
  for (const since of [3, 110, 5000]) {
    const listener = await Listener.open(world.url, `/ws?since=${since}`);
    expect(await listener.heard("snapshot")).toMatchObject({
      since,
      replayed: false,
      replayable_from: 114,
      seq: 119,
    });
    await listener.close();
  }
  const listener = await Listener.open(world.url, "/ws?since=114");
  await until(() => listener.messages.length === 5);
  expect(seqs(listener)).toEqual([115, 116, 117, 118, 119]);
  await listener.close();
});

test("a replay has only the newest progress of a task", async () => {
  world = await ApiWorld.open();
  for (let n = 1; n <= 5; n++) world.events.publish(progress("a", n));
  world.events.publish(something(1));
  world.events.publish(progress("b", 1));
  const listener = await Listener.open(world.url, "/ws?since=0");
  await until(() => listener.messages.length === 3);
  expect(seqs(listener)).toEqual([5, 6, 7]);
  await listener.close();
});

test("/ws/tasks tells each live task, then each change with the whole record", async () => {
  world = await ApiWorld.open();
  const before = await world.submit();
  const listener = await Listener.open(world.url, "/ws/tasks");
  expect((await listener.heard("task.update")).task.id).toBe(before);
  const id = await world.submit();
  const run = await world.run(id);
  run.events.progress({ current: 1, total: 4, message: "one" });
  const update = await listener.heard("task.update", ({ task }) => task.progress.current === 1);
  expect(update.task).toMatchObject({ id, status: "running", progress: { percent: 25 } });
  expect(update.task.links.self).toBe(`/tasks/${id}`);
  await run.finish();
  await listener.heard("task.update", ({ task }) => task.id === id && task.status === "completed");
  await world.ask("DELETE", `/tasks/${id}/cleanup`);
  expect((await listener.heard("task.removed")).task_id).toBe(id);
  await listener.close();
});

test("a task that reports all the time makes at most 30 frames a second", async () => {
  world = await ApiWorld.open();
  const run = await world.run(await world.submit());
  const listener = await Listener.open(world.url, "/ws");
  const began = performance.now();
  for (let n = 0; performance.now() - began < 1000; n++) {
    run.events.progress({ current: n });
    if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const seconds = (performance.now() - began) / 1000;
  await run.finish();
  await listener.heard("task_completed");
  const frames = listener.types.filter((type) => type === "task_progress").length;
  expect(frames).toBeGreaterThan(5);
  // One more at the end, and one for the fraction.
  expect(frames).toBeLessThanOrEqual(30 * seconds + 2);
  await listener.close();
});

test("/ws/device tells every device, then each that changed, in full", async () => {
  world = await ApiWorld.open();
  const listener = await Listener.open(world.url, "/ws/device");
  expect(await listener.heard("device.status")).toEqual({
    type: "device.status",
    device: world.devices[0],
    changed: [],
  });
  const device = { name: "rotor", state: "busy" };
  world.events.publish({ type: "device_changed", task_id: null, device, changed: ["state"] });
  expect(await listener.heard("device.status", (message) => message.changed.length > 0)).toEqual({
    type: "device.status",
    device,
    changed: ["state"],
  });
  await listener.close();
});

test("silence is broken by a ping after 30 seconds, and only silence", async () => {
  const clock = new FakeClock();
  world = await ApiWorld.open({ clock });
  const listener = await Listener.open(world.url, "/ws");
  const sse = await SseReader.open(world.url, "/events");
  await listener.heard("snapshot");
  await until(() => sse.events.length === 1);
  await clock.advance(29_000);
  world.events.publish(something(1));
  await clock.advance(29_000);
  expect(listener.types).not.toContain("ping");
  await clock.advance(1_000);
  await listener.heard("ping");
  await until(() => sse.comments.includes("ping"));
  await clock.advance(30_000);
  await until(() => listener.types.filter((type) => type === "ping").length === 2);
  await listener.close();
  sse.close();
});

test("what a client says is read and dropped", async () => {
  world = await ApiWorld.open();
  const listener = await Listener.open(world.url, "/ws");
  listener.ws.send("hello");
  listener.ws.send(Buffer.from([1, 2, 3]));
  world.events.publish(something(1));
  await listener.heard("queue_changed");
  listener.ws.send("x".repeat(100_000));
  expect((await listener.closed.promise).code).toBe(1009);
});

test("a client that never reads is closed and told why; the others and the tasks lose nothing", async () => {
  world = await ApiWorld.open({ limits: { maxWaitingMessages: 50, maxWaitingBytes: 1024 * 1024 } });
  const deaf = await deafSocket(world.listening.port, "/ws");
  const listener = await Listener.open(world.url, "/ws");
  const filler = "x".repeat(20_000);
  for (let n = 1; n <= 1500; n++) {
    world.events.publish(something(n, filler));
    if (n % 10 === 0) await until(() => (listener.messages.at(-1)?.n ?? 0) === n);
  }
  expect(seqs(listener).slice(1)).toEqual(Array.from({ length: 1500 }, (_, n) => n + 1));
  // Whoever wakes up later finds the reason behind what had been sent already.
  let received = Buffer.alloc(0);
  const said = new Promise<string>((resolve) => {
    deaf.on("data", (chunk) => {
      received = Buffer.concat([received.subarray(-4096), chunk]);
      const text = received.toString("latin1");
      if (text.includes("was closed:")) resolve(text.slice(text.indexOf("The connection was closed") - 2));
    });
  });
  deaf.resume();
  const goodbye = await said;
  expect(goodbye.charCodeAt(0) * 256 + goodbye.charCodeAt(1)).toBe(1013);
  expect(goodbye).toMatch(/closed: \d+ messages waited to be read\. Connect again with \?since=\d+/);
  deaf.destroy();
  await listener.close();
});

test("while a client is slow its progress is replaced, not heaped up, and lifecycle events all arrive in order", async () => {
  world = await ApiWorld.open({ limits: { maxWaitingMessages: 100 } });
  const listener = await Listener.open(world.url, "/ws");
  await listener.heard("snapshot");
  listener.ws.pause();
  const filler = "x".repeat(20_000);
  for (let n = 1; n <= 2000; n++) {
    world.events.publish(progress(`task-${n % 3}`, n, filler));
    if (n % 50 === 0) world.events.publish({ type: "task_paused", task_id: `task-${n % 3}` });
    if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const last = world.events.lastSeq;
  listener.ws.resume();
  await until(() => listener.messages.at(-1)?.seq === last);
  expect(listener.types.filter((type) => type === "task_paused")).toHaveLength(40);
  expect(listener.types.filter((type) => type === "task_progress").length).toBeLessThan(1900);
  const heard = seqs(listener);
  expect(heard).toEqual(heard.toSorted((a, b) => a - b));
  for (const task of ["task-0", "task-1", "task-2"]) {
    const newest = listener.messages
      .filter((event) => event.type === "task_progress" && event.task_id === task)
      .at(-1);
    expect(newest.progress.current).toBeGreaterThanOrEqual(1998);
  }
  await listener.close();
});

test("no more streams are opened than the limit allows", async () => {
  world = await ApiWorld.open({ limits: { maxStreams: 2 } });
  const listener = await Listener.open(world.url, "/ws");
  const sse = await SseReader.open(world.url, "/events");
  const { status, body } = await world.ask("GET", "/events", { headers: { accept: "text/event-stream" } });
  expect([status, body.code]).toEqual([503, "TOO_MANY_STREAMS"]);
  sse.close();
  await listener.close();
  await until(() => world.api.openStreams === 0);
  await (await Listener.open(world.url, "/ws")).close();
});

test("server-sent events begin with a snapshot and carry their numbers", async () => {
  world = await ApiWorld.open();
  const sse = await SseReader.open(world.url, "/events");
  expect(sse.response.headers["content-type"]).toContain("text/event-stream");
  world.events.publish(something(1));
  world.events.publish(something(2));
  await until(() => sse.events.length === 3);
  expect(sse.events.map(({ event, id }) => [event, id])).toEqual([
    ["snapshot", "0"],
    ["message", "1"],
    ["message", "2"],
  ]);
  expect(sse.events[1]?.data).toMatchObject({ type: "queue_changed", seq: 1 });
  sse.close();
});

test("Last-Event-ID replays what a browser missed", async () => {
  world = await ApiWorld.open();
  for (let n = 1; n <= 5; n++) world.events.publish(something(n));
  const sse = await SseReader.open(world.url, "/events?since=1", { "Last-Event-ID": "3" });
  await until(() => sse.events.length === 2);
  expect(sse.events.map(({ id }) => id)).toEqual(["4", "5"]);
  sse.close();
});

test("the events of one task are streamed without those of the others", async () => {
  world = await ApiWorld.open();
  const [id, other] = [await world.submit(), await world.submit()];
  const sse = await SseReader.open(world.url, `/tasks/${id}/events`);
  await world.finish(other);
  await world.finish(id);
  await until(() => sse.events.some(({ data }) => data.type === "task_completed"));
  expect(sse.events.map(({ data }) => data.type)).toEqual([
    "task_scheduled",
    "task_started",
    "task_completed",
  ]);
  expect(sse.events.every(({ data }) => data.task_id === id)).toBe(true);
  sse.close();
});

test("events are JSON where JSON is asked for", async () => {
  world = await ApiWorld.open();
  for (let n = 1; n <= 5; n++) world.events.publish(something(n));
  const headers = { accept: "application/json" };
  const known = async (where: string) =>
    (await world.ask("GET", where, { headers })).body.map((event: { seq: number }) => event.seq);
  expect(await known("/events")).toEqual([1, 2, 3, 4, 5]);
  expect(await known("/events?since=3")).toEqual([4, 5]);
});

test("a reader of server-sent events that never reads is let go", async () => {
  world = await ApiWorld.open({ limits: { maxWaitingMessages: 20 } });
  const sse = await SseReader.open(world.url, "/events");
  sse.response.pause();
  const filler = "x".repeat(50_000);
  for (let n = 1; world.api.openStreams > 0; n++) {
    world.events.publish(something(n, filler));
    await new Promise((resolve) => setImmediate(resolve));
  }
  sse.response.resume();
  await sse.ended.promise;
  expect(sse.events.at(-1)).toMatchObject({ event: "close", data: { code: 1013 } });
});

test("a path that is for WebSockets says so to plain HTTP", async () => {
  world = await ApiWorld.open();
  for (const where of ["/ws", "/ws/tasks", "/ws/device"]) {
    const { status, headers, body } = await world.ask("GET", where);
    expect([status, headers.upgrade, body.code]).toEqual([426, "websocket", "WEBSOCKET_EXPECTED"]);
  }
});
