// The disk refuses and recovers, the power is cut, the queue is paused.
import { settled } from "../../fake-clock.ts";
import type { Model, Part } from "./model.ts";

export const disk = (): Part => ({
  steps: [refuseOrRecover, (model) => (model.roll(20) === 0 ? model.cutThePower() : pauseOrResume(model))],
  letGo: ({ world }) => world.manager.resumeQueue(),
});

async function refuseOrRecover(model: Model): Promise<void> {
  const { store } = model.world;
  if (store.refuses || model.roll(4) > 0) return model.recoverDisk();
  store.refuses = true;
  await settled();
}

function pauseOrResume(model: Model): Promise<void> {
  const { manager } = model.world;
  return model.ask(() => (model.roll(3) ? manager.resumeQueue() : manager.pauseQueue()));
}
