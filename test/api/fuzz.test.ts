import { afterEach, expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { ApiWorld } from "./world.ts";

let world: ApiWorld;
afterEach(() => world.close());

test("hundreds of random requests are all answered within the schema, none with a stack or a 500", async () => {
  const seed = Number(process.env.ARMATURE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`fuzz seed ${seed}`);
  const random = randomOf(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  world = await ApiWorld.open({ engineLimits: { maxConcurrentTasks: 2 } });
  const ids = [await world.submit(), await world.submit("crop_task"), await world.submit("exclusive_task")];
  const words = [
    ...ids,
    "x",
    "",
    "history",
    "batch",
    "%00",
    "%2e%2e",
    "constructor",
    "__proto__",
    "ä",
    "a".repeat(300),
  ];
  const values: readonly unknown[] = [
    null,
    true,
    0,
    -1,
    1e308,
    "",
    "x",
    [],
    {},
    [[[]]],
    { __proto__: null, constructor: 1 },
    "\u0000\ud800",
  ];
  const keys = [
    "task",
    "action",
    "parameters",
    "name",
    "priority",
    "metadata",
    "status",
    "__proto__",
    "constructor",
    "q",
  ];
  const randomBody = (): string => {
    const fields = Array.from({ length: Math.floor(random() * 4) }, () => [
      pick(keys),
      pick([...values, "count_task"]),
    ]);
    const text = JSON.stringify(Object.fromEntries(fields));
    return random() < 0.2 ? text.slice(0, Math.floor(random() * text.length)) : text;
  };
  for (let n = 0; n < 600; n++) {
    const { path } = pick(world.api.routes.filter((route) => !/^\/(ws|events|docs)/.test(route.path)));
    const query = pick([
      "",
      "",
      "?wait=0",
      "?limit=1",
      `?${pick(keys)}=${pick(words)}`,
      "?status=running&cursor=1",
      "?%",
    ]);
    const where = path.replaceAll(/\{\w+\}/g, () => pick(words)) + pick(["", "", "", "/", "//"]) + query;
    const method = pick(["GET", "GET", "POST", "POST", "PATCH", "DELETE", "PUT", "HEAD"]);
    const type = pick(["application/json", "application/json", "application/json", "text/plain"]);
    const sent = ["POST", "PATCH"].includes(method) && random() < 0.8 ? randomBody() : undefined;
    const headers: Record<string, string> = {
      ...(sent === undefined ? {} : { "content-type": type }),
      ...(random() < 0.1 ? { "idempotency-key": pick(["a", "b"]) } : {}),
      // Whatever the dots in a path lead to, no answer may be a stream: that one would not end.
      accept: pick(["application/json", "text/html, application/json;q=x"]),
    };
    const said = `seed ${seed}: ${method} ${where} ${sent}`;
    const { status, text } = await world
      .ask(method, encodeURI(where).replaceAll("%25", "%"), {
        headers,
        ...(sent === undefined ? {} : { body: sent }),
      })
      .catch((error: Error) => {
        throw new Error(said, { cause: error });
      });
    expect(status === 500 ? text : "", said).toBe("");
  }
}, 60_000);
