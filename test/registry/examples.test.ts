// The examples that ship: names and parameters that others rely on.
import path from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { Registry } from "../../src/registry/registry.ts";
import { defaults } from "./project.ts";

const quiet = () => undefined;
const root = path.resolve(import.meta.dirname, "../..");

test("the examples have the names and parameters that others rely on, all with defaults and descriptions", async () => {
  const registry = new Registry({
    projectRoot: root,
    externalDirectory: "nowhere",
    clock: systemClock,
    discovery: () => ({ ...defaults, folders: ["tasks/examples"], requiredCoreTasks: [] }),
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  await registry.discover();
  const examples = registry.names().flatMap((name) => {
    const type = registry.get(name);
    return type?.category === "example" ? [type] : [];
  });
  expect(
    Object.fromEntries(
      examples.map((type) => {
        const schema = type.parametersSchema as { properties: Record<string, { description?: string }> };
        expect(Object.values(schema.properties).every(({ description }) => description)).toBe(true);
        expect(type.description).toBeTruthy();
        const { isExclusive, isBlocking, onRestart } = type.policy;
        return [type.name, { ...type.validate({}), policy: [isExclusive, isBlocking, onRestart] }];
      }),
    ),
  ).toEqual({
    exclusive_demo_task: { ok: true, parameters: { duration_seconds: 5 }, policy: [true, false, "ask"] },
    failing_task: {
      ok: true,
      parameters: { error_message: expect.any(String) },
      policy: [false, false, "ask"],
    },
    generator_task: {
      ok: true,
      parameters: { total_steps: 10, interval_seconds: 0.5 },
      policy: [false, false, "ask"],
    },
    hello_world_async_task: {
      ok: true,
      parameters: { total_steps: 5, delay_seconds: 0.5 },
      policy: [false, false, "ask"],
    },
    hello_world_blocking_task: {
      ok: true,
      parameters: { duration_seconds: 2 },
      policy: [false, true, "ask"],
    },
    resumable_demo_task: {
      ok: true,
      parameters: { steps: 20, interval_seconds: 0.5 },
      policy: [false, false, "resume"],
    },
  });
});
