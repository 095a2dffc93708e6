// Stops one device in an emergency, and tells in bounded time what became of it.
import type { DeviceStop } from "../engine/machine/port.ts";
import { sentenceOf } from "../errors/runtime-error.ts";
import type { Clock } from "../lib/clock.ts";
import { deferred } from "../lib/deferred.ts";
import { isMovable, isStoppable } from "../task/capabilities.ts";
import type { OpenDevice } from "./device.ts";

/** How long a device may take to stand still, its way to brake included. */
const longestMs = 5000;

/** Never rejects. */
export async function stopOne(device: OpenDevice, clock: Clock): Promise<DeviceStop> {
  const { name } = device;
  if (!isStoppable(device)) {
    const stopped = !isMovable(device) || !device.isMoving;
    return { name, stopped, problem: stopped ? null : "its driver cannot stop it" };
  }
  const late = deferred<string>();
  const timer = clock.after(longestMs, () =>
    late.resolve(`it does not say within ${longestMs / 1000} s that it stands still`),
  );
  const problem = await Promise.race([problemOf(() => device.stop()), late.promise]);
  timer.cancel();
  return { name, stopped: problem === null, problem };
}

/** Also where a driver throws before it returns a promise. */
async function problemOf(stop: () => Promise<void>): Promise<string | null> {
  try {
    await stop();
    return null;
  } catch (error) {
    return sentenceOf(error);
  }
}
