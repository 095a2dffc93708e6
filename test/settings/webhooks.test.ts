import { expect, test } from "vitest";
import { eventTypes } from "../../src/events/catalogue.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { machineHookEvents, taskHookEvents, webhooksFrom } from "../../src/settings/webhooks.ts";
import { project } from "./folder.ts";

const load = async (webhooks: unknown, env = {}) =>
  loadSettings({ projectRoot: await project({ "webhooks.json": webhooks }), env });

const problemOf = (written: unknown): string => {
  try {
    webhooksFrom(written, "settings/webhooks.json");
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
};

test("without settings/webhooks.json nobody is told, and tasks may bring receivers of their own", async () => {
  const { webhooks, webhookSecret } = await loadSettings({ projectRoot: await project(), env: {} });
  expect(webhooks).toMatchObject({ hooks: [], allow_private: false, max_attempts: 12 });
  expect(webhookSecret).toBeNull();
});

test("a receiver is told the ends of all tasks unless it says otherwise", async () => {
  const { webhooks } = await load({ hooks: [{ url: "https://lab.example/hook" }] });
  expect(webhooks?.hooks).toEqual([
    {
      url: "https://lab.example/hook",
      events: ["task_completed", "task_failed", "task_cancelled"],
      tasks: null,
      secret: null,
    },
  ]);
});

test("the environment may hold the secret", async () => {
  const env = { ARMATURE_WEBHOOK_SECRET: "sixteen letters." };
  expect((await load({}, env)).webhookSecret).toBe("sixteen letters.");
  await expect(load({}, { ARMATURE_WEBHOOK_SECRET: "short" })).rejects.toMatchObject({
    code: "INVALID_SETTINGS",
    message: expect.stringContaining("ARMATURE_WEBHOOK_SECRET: expected at least 16 characters"),
  });
});

test("every problem is named with its place", () => {
  expect(problemOf({ hooks: [{ url: "http://127.0.0.1:9000/hook" }] })).toBe(
    "The settings are not valid: settings/webhooks.json: hooks[0].url: http://127.0.0.1:9000/hook leads to 127.0.0.1, which is not a public address",
  );
  expect(problemOf({ allow_private: true, hooks: [{ url: "http://127.0.0.1:9000/hook" }] })).toBe("none");
  expect(problemOf({ hooks: [{ url: "lab.example" }] })).toContain("hooks[0].url: lab.example is not a URL");
  expect(problemOf({ hooks: [{ url: "https://a.example", events: ["task_finished"] }] })).toContain(
    "hooks[0].events[0]",
  );
  expect(problemOf({ hook: [] })).toContain("did you mean 'hooks'?");
});

test("what can be told are events of the catalogue, and all of them but what comes too often or is about telling", () => {
  const told: readonly string[] = [...taskHookEvents, ...machineHookEvents];
  expect(Object.keys(eventTypes).filter((type) => !told.includes(type))).toEqual([
    "task_progress",
    "task_removed",
    "webhook_dead",
    "device_changed",
  ]);
  expect(told.filter((type) => !(type in eventTypes))).toEqual([]);
});
