import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { taskType } from "../engine/world.ts";
import { ApiWorld } from "./world.ts";

let world: ApiWorld;

beforeEach(async () => {
  world = await ApiWorld.open();
});
afterEach(() => world.close());

const document = async () => (await world.ask("GET", "/openapi.json")).body;

test("every route is in the document, with a name of its own", async () => {
  const { paths, openapi } = await document();
  expect(openapi).toBe("3.1.0");
  for (const { method, path } of world.api.routes)
    expect(paths[path]?.[method], `${method} ${path}`).toBeDefined();
  const operations = Object.values(paths).flatMap((path) =>
    Object.values(path as Record<string, { operationId: string }>),
  );
  const names = operations.map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
});

test("every $ref of the document leads somewhere", async () => {
  const whole = await document();
  const refs = [...JSON.stringify(whole).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref as string);
  expect(refs.length).toBeGreaterThan(10);
  for (const ref of new Set(refs)) {
    const found = ref
      .slice(2)
      .split("/")
      .reduce((at, key) => at?.[key], whole);
    expect(found, ref).toBeDefined();
  }
});

test("every path parameter of a route is described", async () => {
  const { paths } = await document();
  for (const [path, operations] of Object.entries<
    Record<string, { parameters?: { name: string; in: string }[] }>
  >(paths))
    for (const operation of Object.values(operations)) {
      const described = (operation.parameters ?? [])
        .filter((one) => one.in === "path")
        .map(({ name }) => name);
      expect(described).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
});

test("each task type has a path with the schema of its parameters", async () => {
  const { paths, components } = await document();
  const { requestBody, tags } = paths["/tasks/count_task"].post;
  expect(requestBody.content["application/json"].schema.properties.parameters.$ref).toContain(
    "count_task.parameters",
  );
  expect(tags).toEqual(["test"]);
  expect(components.schemas["count_task.parameters"].properties.steps.$ref).toBe(
    "#/components/schemas/count_task.parameters/$defs/steps",
  );
});

test("a task type that comes or goes changes the document", async () => {
  world.types.set(taskType("new_task"));
  expect((await document()).paths["/tasks/new_task"]).toBeDefined();
  world.types.delete("new_task");
  expect((await document()).paths["/tasks/new_task"]).toBeUndefined();
});

test("the document's schema of a task takes a task as it is sent, and refuses one that is not", async () => {
  const id = await world.submit("count_task", { metadata: { a: [1, { b: null }] } });
  await world.finish(id, { list: [1, 2] });
  const { components } = await document();
  const inlined = JSON.parse(
    JSON.stringify(components.schemas).replaceAll("#/components/schemas/", "#/$defs/"),
  );
  const schema = z.fromJSONSchema({ $ref: "#/$defs/Task", $defs: inlined });
  const { body } = await world.ask("GET", `/tasks/${id}`);
  expect(schema.safeParse(body).error).toBeUndefined();
  expect(schema.safeParse({ ...body, status: "done" }).success).toBe(false);
  const { id: _, ...without } = body;
  expect(schema.safeParse(without).success).toBe(false);
});
