import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deferred } from "../../src/lib/deferred.ts";
import { ApiWorld } from "./world.ts";

let world: ApiWorld;

beforeEach(async () => {
  world = await ApiWorld.open();
});
afterEach(() => world.close());

const json = { "content-type": "application/json" };

test("an unknown task type is a 404 with the nearest names", async () => {
  for (const [where, body] of [
    ["/tasks", { task: "cuont_task" }],
    ["/tasks/cuont_task", undefined],
  ] as const) {
    const answer = await world.ask("POST", where, body ? { json: body } : {});
    expect([answer.status, answer.body.code]).toEqual([404, "UNKNOWN_TASK_TYPE"]);
    expect(answer.body.remediation).toContain("count_task");
  }
});

test("an unknown id is a 404 on every route of a task", async () => {
  for (const [method, where] of [
    ["GET", ""],
    ["GET", "?wait=1"],
    ["DELETE", ""],
    ["POST", "/cancel"],
    ["POST", "/pause"],
    ["POST", "/resume"],
    ["POST", "/restart"],
    ["DELETE", "/cleanup"],
    ["GET", "/logs"],
    ["GET", "/events"],
    ["GET", "/artifacts"],
    ["GET", "/result"],
  ] as const) {
    const { status, body } = await world.ask(method, `/tasks/7b0c0f0e-0000-4000-8000-000000000000${where}`);
    expect([method, where, status, body.code]).toEqual([method, where, 404, "UNKNOWN_TASK"]);
  }
});

test("invalid parameters are a 422 with the path of each field", async () => {
  const { status, body } = await world.ask("POST", "/tasks", {
    json: { task: "count_task", parameters: { bad: 1 } },
  });
  expect([status, body.code]).toEqual([422, "INVALID_PARAMETERS"]);
  expect(body.errors).toEqual([{ path: "parameters.bad", message: "is not allowed" }]);
});

test("an unknown key is a 422 that names the nearest known one", async () => {
  const { status, body } = await world.ask("POST", "/tasks", { json: { task: "count_task", priorty: 1 } });
  expect([status, body.errors[0].path]).toEqual([422, "priorty"]);
  expect(body.errors[0].message).toContain("priority");
});

test("a key that would be dropped without a word is a 422, wherever it stands", async () => {
  for (const [where, body, path] of [
    ["/tasks/count_task", '{"parameters": {"__proto__": {"steps": 1}}}', "parameters.__proto__"],
    ["/tasks/count_task", '{"metadata": {"a": [{"__proto__": 1}]}}', "metadata.a.0.__proto__"],
    ["/tasks/count_task", '{"user_context": {"\\u005f_proto__": null}}', "user_context.__proto__"],
    ["/settings", '{"__proto__": {"profile": "x"}}', "__proto__"],
  ] as const) {
    const method = where === "/settings" ? "PATCH" : "POST";
    const answer = await world.ask(method, where, { body, headers: json });
    expect([answer.status, answer.body.code]).toEqual([422, "INVALID_REQUEST"]);
    expect(answer.body.errors[0].path).toBe(path);
  }
  const { body, status } = await world.ask("POST", "/tasks/count_task", {
    json: { metadata: { said: "__proto__" } },
  });
  expect([status, body.metadata]).toEqual([202, { said: "__proto__" }]);
});

test("what a later version takes is an unknown key today", async () => {
  for (const key of ["depends_on", "group", "lane", "limits", "webhooks"])
    expect((await world.ask("POST", "/tasks", { json: { task: "count_task", [key]: 1 } })).status).toBe(422);
});

test("values of the wrong kind are a 422 with what was expected and found", async () => {
  for (const [field, value] of [
    ["priority", 101],
    ["priority", -101],
    ["priority", 1.5],
    ["priority", "high"],
    ["timeout_seconds", 0],
    ["timeout_seconds", -1],
    ["timeout_seconds", "1"],
    ["name", ""],
    ["name", 5],
    ["parameters", []],
    ["parameters", "x"],
    ["metadata", [1]],
    ["task", 7],
  ] as const) {
    const { status, body } = await world.ask("POST", "/tasks", {
      json: { task: "count_task", [field]: value },
    });
    expect([field, value, status, body.errors?.[0].path]).toEqual([field, value, 422, field]);
  }
  for (const body of ["[]", "null", "7", '"text"', "{}"])
    expect((await world.ask("POST", "/tasks", { body, headers: json })).status).toBe(422);
});

test("a query that does not fit is a 422 that names it", async () => {
  for (const query of ["wait=61", "wait=-1", "wait=soon", "wait=", "wat=1"])
    expect([query, (await world.ask("GET", `/tasks/x?${query}`)).status]).toEqual([query, 422]);
  for (const query of [
    "limit=0",
    "limit=1001",
    "limit=a",
    "status=done",
    "cursor=%00",
    "limit=1&limit=2",
    "stat=x",
  ])
    expect([query, (await world.ask("GET", `/tasks?${query}`)).status]).toEqual([query, 422]);
});

test("a body that is not JSON is a 400 that says what is wrong with it", async () => {
  for (const body of ["{", "{'a':1}", "nonsense", '{"task":"count_task"}}', "\ufeff{}", '{"a":1,}', "NaN"]) {
    const answer = await world.ask("POST", "/tasks", { body, headers: json });
    expect([body, answer.status, answer.body.code]).toEqual([body, 400, "MALFORMED_JSON"]);
  }
});

test("broken UTF-8 is a 400", async () => {
  const body = Buffer.concat([Buffer.from('{"task":"'), Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from('"}')]);
  const answer = await world.ask("POST", "/tasks", { body, headers: json });
  expect([answer.status, answer.body.code]).toEqual([400, "MALFORMED_JSON"]);
});

test("another Content-Type, none, another charset or a compressed body is a 415", async () => {
  const body = '{"task":"count_task"}';
  for (const headers of [
    { "content-type": "text/plain" },
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "application/json; charset=latin1" },
    { "content-type": "application/jsonx" },
    { "content-type": "" },
    { "content-length": String(body.length) },
    { ...json, "content-encoding": "gzip" },
  ] as Record<string, string>[]) {
    const answer = await world.ask("POST", "/tasks", { body, headers });
    expect([headers, answer.status, answer.body.code]).toEqual([headers, 415, "UNSUPPORTED_MEDIA_TYPE"]);
  }
  for (const type of [
    "application/json;charset=utf-8",
    "application/JSON; charset=UTF-8",
    "application/vnd.x+json",
  ])
    expect((await world.ask("POST", "/tasks", { body, headers: { "content-type": type } })).status).toBe(202);
});

test("a submit without a body is told what is missing", async () => {
  const { status, body } = await world.ask("POST", "/tasks");
  expect([status, body.code]).toEqual([422, "INVALID_REQUEST"]);
});

test("a body nested too deep is a 400, brackets in strings do not count", async () => {
  const deep = `{"task":"count_task","parameters":${'{"a":'.repeat(100_00)}1${"}".repeat(100_00)}}`;
  const answer = await world.ask("POST", "/tasks", { body: deep, headers: json });
  expect([answer.status, answer.body.code]).toEqual([400, "BODY_TOO_DEEP"]);
  const text = { task: "count_task", parameters: { text: `${"[{".repeat(100)}\\"` } };
  expect((await world.ask("POST", "/tasks", { json: text })).status).toBe(202);
});

test("a body that is too large is a 413, with and without a Content-Length", async () => {
  const big = JSON.stringify({ task: "count_task", parameters: { text: "x".repeat(100_000) } });
  const answer = await world.ask("POST", "/tasks", { body: big, headers: json });
  expect([answer.status, answer.body.code]).toEqual([413, "BODY_TOO_LARGE"]);
  const chunked = await world.ask("POST", "/tasks", {
    body: big,
    headers: { ...json, "transfer-encoding": "chunked" },
  });
  expect([chunked.status, chunked.body.code]).toEqual([413, "BODY_TOO_LARGE"]);
  const fits = await world.ask("POST", "/tasks", {
    body: '{"task":"count_task"}',
    headers: { ...json, "transfer-encoding": "chunked" },
  });
  expect(fits.status).toBe(202);
});

test("a duplicate Idempotency-Key with another body is a 409, a useless key a 422", async () => {
  const headers = { "Idempotency-Key": "once" };
  await world.ask("POST", "/tasks/count_task", { headers });
  const again = await world.ask("POST", "/tasks/crop_task", { headers });
  expect([again.status, again.body.code]).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
  for (const key of ["", "x".repeat(256)])
    expect(
      (await world.ask("POST", "/tasks/count_task", { headers: { "Idempotency-Key": key } })).status,
    ).toBe(422);
});

test("a full disk is a 503 with Retry-After, and work goes on when space is back", async () => {
  world.store.refuses = true;
  const { status, body, headers } = await world.ask("POST", "/tasks", { json: { task: "count_task" } });
  expect([status, body.code]).toEqual([503, "STORE_UNAVAILABLE"]);
  expect(Number(headers["retry-after"])).toBeGreaterThan(0);
  world.store.recover();
  expect((await world.ask("POST", "/tasks", { json: { task: "count_task" } })).status).toBe(202);
});

test("an answer that is left out is said in words", async () => {
  const { status, body } = await world.ask("POST", "/tasks/none/answer", { json: {} });
  expect([status, body.errors]).toEqual([
    422,
    [{ path: "answer", message: "expected a value, found nothing", expected: "a value", found: "nothing" }],
  ]);
});

test("an unknown route is a 404 that names the nearest ones", async () => {
  const { status, body } = await world.ask("GET", "/taks");
  expect([status, body.code]).toEqual([404, "UNKNOWN_ROUTE"]);
  expect(body.remediation).toContain("GET /tasks");
  const root = await world.ask("GET", "/");
  expect([root.status, root.body.remediation]).toEqual([404, "GET /docs shows every route."]);
  expect((await world.ask("POST", "/stop/")).status).toBe(404);
});

test("another method on a known path is a 405 that says which it takes", async () => {
  const { status, headers, body } = await world.ask("PUT", "/tasks");
  expect([status, headers.allow, body.code]).toEqual([405, "POST,GET,HEAD", "METHOD_NOT_ALLOWED"]);
  expect((await world.ask("POST", "/devices/rotor")).headers.allow).toBe("GET,HEAD");
  expect((await world.ask("PURGE", "/health/live")).status).toBe(405);
});

test("an unknown device is a 404 with the nearest name", async () => {
  const { status, body } = await world.ask("GET", "/devices/roter");
  expect([status, body.code]).toEqual([404, "UNKNOWN_DEVICE"]);
  expect(body.remediation).toContain("rotor");
});

test("settings with a typo are a 422 with the field", async () => {
  const { status, body } = await world.ask("PATCH", "/settings", { json: { limts: {} } });
  expect([status, body.errors[0].path]).toEqual([422, "limts"]);
});

test("what nobody foresaw is a 500 with a request id; its stack is in the log and nowhere else", async () => {
  Object.assign(world.manager, {
    stats() {
      throw new TypeError("secret detail at /home/somebody/file.ts:12");
    },
  });
  const { status, body, text } = await world.ask("GET", "/tasks/stats");
  expect([status, body.code]).toEqual([500, "INTERNAL"]);
  expect(text).not.toContain("secret");
  const line = world.logged.find(({ fields }) => fields.request_id === body.request_id);
  expect(line?.fields.err).toBeInstanceOf(TypeError);
});

test("what is not HTTP, or an upgrade to something else, gets an answer and the server lives on", async () => {
  for (const [sent, expected] of [
    ["nonsense\r\n\r\n", /^HTTP\/1.1 400/],
    ["GET /tasks HTTP/1.1\r\n\r\n", /^HTTP\/1.1 400/],
    [`GET /tasks HTTP/1.1\r\nHost: localhost\r\nX: ${"y".repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431/],
    // Node 24 ignores such an offer, Node 20 cannot.
    [
      "GET /tasks HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n",
      /^HTTP\/1.1 (200|422)/,
    ],
    ["OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", /^HTTP\/1.1 4\d\d/],
    ["GET //tasks/../../etc HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", /^HTTP\/1.1 404/],
    ["GET /%ff%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", /^HTTP\/1.1 404/],
    ["GET /tasks HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", /^HTTP\/1.1 4\d\d/],
    ["GET /tasks HTTP/1.1\r\nHost: localhost\r\nHost: lab\r\nConnection: close\r\n\r\n", /^HTTP\/1.1 4\d\d/],
    [
      `POST /tasks HTTP/1.1\r\nHost: localhost\r\n${"Content-Type: application/json\r\n".repeat(2)}Content-Length: 2\r\nConnection: close\r\n\r\n{}`,
      /^HTTP\/1.1 415/,
    ],
  ] as const) {
    const answer = await talk(world.listening.port, sent);
    expect(answer).toMatch(expected);
    expect(answer).not.toMatch(/\.(ts|mjs|js):\d+/);
  }
  expect((await world.ask("GET", "/health/live")).status).toBe(200);
});

test("a client that hangs up in the middle of its body is no fault of ours", async () => {
  const half =
    'POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"';
  await talk(world.listening.port, half, (socket) => socket.end());
  expect((await world.ask("GET", "/health/live")).status).toBe(200);
  expect(world.logged.filter(({ message }) => message.includes("INTERNAL"))).toEqual([]);
});

function talk(port: number, text: string, then?: (socket: Socket) => void): Promise<string> {
  const { promise, resolve, reject } = deferred<string>();
  let answer = "";
  const socket = connect(port, "127.0.0.1", () => socket.write(text, () => then?.(socket)));
  socket.on("data", (chunk) => {
    answer += chunk;
  });
  socket.on("error", reject);
  socket.on("close", () => resolve(answer));
  return promise;
}
