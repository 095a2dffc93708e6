import { expect, onTestFinished, test } from "vitest";
import { Program } from "./program.ts";

test("a log level that is patched applies at once", async () => {
  const program = await Program.create();
  onTestFinished(() => program.remove());
  await program.start({ ARMATURE_LOG_LEVEL: "" });
  const patch = (level: string) =>
    fetch(`${program.url}/settings`, {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ log_level: level }),
    }).then((answer) => answer.json());
  const fail = () => fetch(`${program.url}/tasks/failing_task?wait=10`, { method: "POST" });
  const told = () => program.output.split("the task threw").length - 1;
  expect(await patch("error")).toMatchObject({ applied: ["log_level"], needs_restart: [] });
  await fail();
  expect(told()).toBe(0);
  await patch("info");
  await fail();
  await expect.poll(told).toBe(1);
});
