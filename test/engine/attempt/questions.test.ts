// A task asks the operator: it stands until somebody answers, the time is over, or it is told to stop.
import { expect, test } from "vitest";
import type { Asked } from "../../../src/engine/ports.ts";
import { settled } from "../../fake-clock.ts";
import { World } from "../world.ts";

const yesOrNo: Asked = {
  prompt: "Is the sample mounted?",
  schema: { type: "boolean" },
  default: null,
  hasDefault: false,
  timeoutSeconds: null,
};

async function asking(more: Partial<Asked> = {}, submit: object = {}) {
  const world = await World.open();
  const id = await world.submit("plain_task", submit);
  const answered = world.run(id).events.call({ to: "ask", question: { ...yesOrNo, ...more } });
  const outcome = answered.then(
    (answer) => ({ answer }),
    (error) => ({ code: error.code as string }),
  );
  await settled();
  return { world, id, outcome };
}

test("a task that asks is paused with its question, and everybody hears of it", async () => {
  const { world, id } = await asking({ timeoutSeconds: 60, default: false, hasDefault: true });
  expect(world.manager.get(id)).toMatchObject({
    status: "paused",
    question: { prompt: "Is the sample mounted?", schema: { type: "boolean" }, default: false },
  });
  const expires = world.manager.get(id).question?.expires_at ?? "";
  expect(Date.parse(expires) - world.clock.now()).toBe(60_000);
  expect(world.eventsOf(id).at(-1)).toBe("task_question");
});

test("the first answer goes to the task, which runs on; a second one is refused", async () => {
  const { world, id, outcome } = await asking();
  await world.manager.answer(id, true);
  expect(await outcome).toEqual({ answer: true });
  expect(world.manager.get(id)).toMatchObject({ status: "running", question: null });
  await expect(world.manager.answer(id, false)).rejects.toMatchObject({ code: "NO_QUESTION" });
  expect((await world.manager.logs(id)).at(-1)).toMatchObject({ fields: { answer: true } });
});

test("of two answers at the same time one counts", async () => {
  const { world, id, outcome } = await asking();
  const both = await Promise.allSettled([world.manager.answer(id, true), world.manager.answer(id, false)]);
  expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(await outcome).toEqual({ answer: true });
});

test("an answer that does not fit is refused with the place, and the question stays open", async () => {
  const schema = { type: "object", properties: { angle: { type: "number" } }, required: ["angle"] };
  const { world, id } = await asking({ schema });
  await expect(world.manager.answer(id, { angle: "steep" })).rejects.toMatchObject({
    code: "INVALID_ANSWER",
    details: { errors: [{ path: "answer.angle" }] },
  });
  expect(world.status(id)).toBe("paused");
});

test("when nobody answers in time the default is taken", async () => {
  const { world, id, outcome } = await asking({ timeoutSeconds: 10, default: false, hasDefault: true });
  await world.clock.advance(10_000);
  expect(await outcome).toEqual({ answer: false });
  expect(world.status(id)).toBe("running");
});

test("when nobody answers in time and there is no default, the task hears so", async () => {
  const { world, id, outcome } = await asking({ timeoutSeconds: 10 });
  await world.clock.advance(10_000);
  expect(await outcome).toEqual({ code: "QUESTION_EXPIRED" });
  expect(world.status(id)).toBe("running");
});

test("waiting for an answer is no running time", async () => {
  const { world, id } = await asking({}, { timeout_seconds: 30 });
  await world.clock.advance(3_600_000);
  await world.manager.answer(id, true);
  await world.clock.advance(29_000);
  expect(world.status(id)).toBe("running");
  await world.clock.advance(1000);
  expect(world.status(id)).toBe("cancelling");
});

test("a question cannot be resumed away, but the task can be cancelled", async () => {
  const { world, id, outcome } = await asking();
  await expect(world.manager.resume(id)).rejects.toMatchObject({ code: "QUESTION_OPEN" });
  await world.manager.cancel(id);
  expect(await outcome).toEqual({ code: "CALL_ABANDONED" });
  expect(world.manager.get(id)).toMatchObject({ status: "cancelling", question: null });
  await world.run(id).stop();
  expect(world.status(id)).toBe("cancelled");
});

test("an owner who asked for a pause before the question still gets it after the answer", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  await world.manager.pause(id);
  const answer = world.run(id).events.call({ to: "ask", question: yesOrNo });
  await settled();
  expect(world.status(id)).toBe("paused");
  await world.manager.answer(id, true);
  expect(await answer).toBe(true);
  expect(world.status(id)).toBe("pausing");
  await world.run(id).reachCheckpoint();
  expect(world.manager.get(id)).toMatchObject({ status: "paused", question: null });
  await world.manager.resume(id);
  expect(world.status(id)).toBe("running");
});

test("branches that ask at the same time are heard one after the other", async () => {
  const { world, id, outcome } = await asking();
  const second = world.run(id).events.call({ to: "ask", question: { ...yesOrNo, prompt: "And the light?" } });
  await settled();
  expect(world.manager.get(id).question?.prompt).toBe("Is the sample mounted?");
  await world.manager.answer(id, true);
  await settled();
  expect(world.manager.get(id).question?.prompt).toBe("And the light?");
  await world.manager.answer(id, false);
  expect([await outcome, await second]).toEqual([{ answer: true }, false]);
});

test("a power cut at a question leaves the task interrupted, without the question", async () => {
  const { world, id } = await asking();
  const later = await world.reboot();
  expect(later.manager.get(id)).toMatchObject({ status: "interrupted", question: null });
});

test("a question that the task did not wait for ends with it", async () => {
  const { world, id } = await asking({ timeoutSeconds: 10, default: true, hasDefault: true });
  await world.run(id).finish();
  await world.clock.advance(10_000);
  expect(world.manager.get(id)).toMatchObject({ status: "completed", question: null });
  await expect(world.manager.answer(id, true)).rejects.toMatchObject({ code: "NO_QUESTION" });
});
