import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Security } from "../../src/api/security.ts";
import { ApiWorld, ask } from "./world.ts";

let world: ApiWorld;
afterEach(() => world.close());

const secure = async (security: Partial<Security>, host?: string): Promise<ApiWorld> => {
  world = await ApiWorld.open({ security, ...(host ? { host } : {}) });
  return world;
};

const status = async (headers: Record<string, string>, method = "GET", where = "/tasks"): Promise<number> =>
  (await world.ask(method, where, { headers })).status;

/** 101, or the status with which the upgrade was refused. */
function upgrade(
  where: string,
  headers: Record<string, string> = {},
  protocols: string[] = [],
): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`${world.url.replace("http", "ws")}${where}`, protocols, { headers });
    ws.on("open", () => {
      resolve(protocols.length > 0 ? ws.protocol : 101);
      ws.close();
    });
    ws.on("unexpected-response", (_, response) => resolve(response.statusCode ?? 0));
    ws.on("error", reject);
  });
}

test("on loopback without a token nobody is asked for one", async () => {
  await secure({});
  expect(await status({})).toBe(200);
  expect(await upgrade("/ws")).toBe(101);
});

test("the server answers to its address, to localhost and to the names of the settings", async () => {
  await secure({ allowedHosts: ["scanner.local"] });
  const { port } = world.listening;
  for (const host of [
    "127.0.0.1",
    `127.0.0.1:${port}`,
    "localhost",
    `localhost:${port}`,
    "LocalHost",
    "scanner.local:80",
  ])
    expect([host, await status({ host })]).toEqual([host, 200]);
});

test("any other name is refused, so that a rebound name gets nothing", async () => {
  await secure({});
  for (const host of [
    "evil.example",
    "localhost.evil.example",
    "evil.example:8000",
    "10.1.2.3",
    "[::1]",
    "0.0.0.0",
  ])
    expect([host, await status({ host })]).toEqual([host, 403]);
  expect((await world.ask("GET", "/tasks", { headers: { host: "evil.example" } })).body.code).toBe(
    "HOST_REFUSED",
  );
  expect(await upgrade("/ws", { host: "evil.example" })).toBe(403);
});

test("a server on every address answers to addresses, not to names", async () => {
  await secure({ boundHost: "0.0.0.0" }, "0.0.0.0");
  const reach = async (host: string) =>
    (await ask(`http://127.0.0.1:${world.listening.port}`, "GET", "/tasks", undefined, { host })).status;
  expect([await reach("192.168.1.7:8000"), await reach("localhost"), await reach("evil.example")]).toEqual([
    200, 200, 403,
  ]);
});

test("a page from elsewhere may not write, and its scripts cannot read", async () => {
  await secure({});
  for (const origin of [
    "https://evil.example",
    "null",
    "http://127.0.0.1:1",
    "http://localhost.evil.example",
  ]) {
    const { status, body } = await world.ask("POST", "/tasks/count_task", { headers: { origin } });
    expect([origin, status, body.code]).toEqual([origin, 403, "ORIGIN_REFUSED"]);
    expect(await upgrade("/ws", { origin })).toBe(403);
  }
  const read = await world.ask("GET", "/tasks", { headers: { origin: "https://evil.example" } });
  expect(read.headers["access-control-allow-origin"]).toBeUndefined();
  expect((await world.ask("GET", "/tasks")).body).toEqual([]);
});

test("our own page may write", async () => {
  await secure({});
  const host = `localhost:${world.listening.port}`;
  expect(await status({ host, origin: `http://${host}` }, "POST", "/tasks/count_task")).toBe(202);
  expect(await upgrade("/ws", { host, origin: `http://${host}` })).toBe(101);
});

test("a trusted origin may write, and its scripts may read the answer", async () => {
  const origin = "https://lab.example";
  await secure({ allowedOrigins: [origin] });
  const preflight = await ask(world.url, "OPTIONS", "/tasks", undefined, {
    origin,
    "access-control-request-method": "POST",
  });
  expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([204, origin]);
  const answer = await world.ask("POST", "/tasks/count_task", { headers: { origin } });
  expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([202, origin]);
  expect(await upgrade("/ws", { origin })).toBe(101);
});

test("with a token everything but liveness and the page of the docs wants it", async () => {
  await secure({ token: "s3cret" });
  for (const [method, where] of [
    ["GET", "/tasks"],
    ["POST", "/tasks/count_task"],
    ["GET", "/settings"],
    ["GET", "/openapi.json"],
    ["GET", "/events"],
    ["GET", "/health/ready"],
    ["GET", "/nowhere"],
  ] as const) {
    const { status, body, headers } = await world.ask(method, where);
    expect([where, status, body.code]).toEqual([where, 401, "TOKEN_REQUIRED"]);
    expect(headers["www-authenticate"]).toBe("Bearer");
  }
  for (const where of ["/health/live", "/docs", "/docs/start.js"])
    expect(await status({}, "GET", where)).toBe(200);
  expect(await status({ authorization: "Bearer s3cret" })).toBe(200);
  for (const authorization of ["Bearer wrong", "Bearer", "Basic s3cret", "s3cret", "Bearer s3cretx"])
    expect(await status({ authorization })).toBe(401);
});

test("no path that is spelt differently leads around the token", async () => {
  await secure({ token: "s3cret" });
  for (const where of [
    "/docs/../settings",
    "/docs/%2e%2e/settings",
    "/docs/.%2E/tasks/count_task",
    "/docs/./../tasks/",
    "/docs/x/../../events",
    "/docs/..\\settings",
    "/health/live/../../settings",
    "//docs/../settings",
    `${world.url}/docs/../settings`,
  ])
    for (const method of ["GET", "POST"]) {
      const { status, body } = await ask(world.url, method, where, undefined, {});
      // What is no address for the server at all never comes so far.
      expect([method, where, status, body.code]).toEqual(
        where.includes("\\")
          ? [method, where, 422, "INVALID_REQUEST"]
          : [method, where, 401, "TOKEN_REQUIRED"],
      );
    }
});

test("on a WebSocket the token travels as a header or as a subprotocol", async () => {
  await secure({ token: "s3cret" });
  expect(await upgrade("/ws")).toBe(401);
  expect(await upgrade("/ws", { authorization: "Bearer s3cret" })).toBe(101);
  expect(await upgrade("/ws", {}, ["armature.token.s3cret"])).toBe("armature.token.s3cret");
  expect(await upgrade("/ws", {}, ["armature.token.s3cret", "armature"])).toBe("armature");
  expect(await upgrade("/ws", {}, ["armature.token.wrong"])).toBe(401);
});

test("a refused upgrade says why in a problem", async () => {
  await secure({});
  const answer = await ask(world.url, "GET", "/ws/nowhere", undefined, {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
  });
  expect([answer.status, answer.body.code]).toEqual([404, "UNKNOWN_ROUTE"]);
});
