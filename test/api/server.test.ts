import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { listen } from "../../src/api/server.ts";
import { deafSocket, Listener, SseReader } from "./listeners.ts";
import { ApiWorld, ask, until } from "./world.ts";

let world: ApiWorld;
afterEach(() => world.close());

test("at shutdown every stream ends with a code, and the port is free again", async () => {
  world = await ApiWorld.open();
  const listeners = await Promise.all(
    ["/ws", "/ws/tasks", "/ws/device"].map((where) => Listener.open(world.url, where)),
  );
  const sse = await SseReader.open(world.url, "/events");
  await until(() => sse.events.length === 1);
  const { port } = world.listening;
  await world.listening.close();
  for (const listener of listeners)
    expect(await listener.closed.promise).toEqual({ code: 1001, reason: "The runtime is shutting down." });
  await sse.ended.promise;
  expect(sse.events.at(-1)).toMatchObject({ event: "close", data: { code: 1001 } });
  const again = await listen(world.api, { host: "127.0.0.1", port });
  await again.close();
});

test("a client that does not answer the goodbye does not hold up the shutdown", async () => {
  world = await ApiWorld.open();
  const deaf = await deafSocket(world.listening.port, "/ws");
  const sse = await SseReader.open(world.url, "/events");
  sse.response.pause();
  const waiting = world.ask("GET", `/tasks/${await world.submit()}?wait=60`).catch((error: Error) => error);
  const began = performance.now();
  await world.listening.close();
  expect(performance.now() - began).toBeLessThan(5000);
  expect(await waiting).toBeInstanceOf(Error);
  deaf.destroy();
  sse.close();
});

test("a request under way is answered before the server is gone", async () => {
  world = await ApiWorld.open();
  const id = await world.submit();
  const run = await world.run(id);
  const waiting = world.ask("GET", `/tasks/${id}?wait=60`);
  await until(() => world.api.openStreams === 0);
  const stream = await Listener.open(world.url, "/ws");
  const closing = world.listening.close();
  await stream.closed.promise;
  await run.finish();
  expect((await waiting).body.status).toBe("completed");
  await closing;
});

test("a connection that says nothing, or half of something, does not keep its place", async () => {
  world = await ApiWorld.open();
  const options = { host: "127.0.0.1", port: 0, maxConnections: 2, silenceMs: 100 };
  const small = await listen(world.api, options);
  const silent = connect(small.port, "127.0.0.1");
  const halting = connect(small.port, "127.0.0.1");
  halting.write("GET /tasks HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
  await Promise.all([silent, halting].map((socket) => once(socket.resume(), "close")));
  expect((await ask(small.url, "GET", "/tasks", undefined, {})).status).toBe(200);
  await small.close();
});

test("closing twice does no harm", async () => {
  world = await ApiWorld.open();
  await Promise.all([world.listening.close(), world.listening.close()]);
});

test("a port that is taken is named", async () => {
  world = await ApiWorld.open();
  const { port } = world.listening;
  await expect(listen(world.api, { host: "127.0.0.1", port })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    details: { port },
  });
});

test("two servers in one process know nothing of each other", async () => {
  world = await ApiWorld.open();
  const other = await ApiWorld.open();
  await other.submit();
  expect((await world.ask("GET", "/tasks")).body).toEqual([]);
  expect((await other.ask("GET", "/tasks")).body).toHaveLength(1);
  await other.close();
});
