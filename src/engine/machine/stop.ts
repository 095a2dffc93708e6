// The emergency stop: the devices first, then everything that runs or waits; and the same for one device and the tasks
// that hold it. Needs no queue, no free place and no disk; what it has done is written as soon as the disk takes it.
import type { Clock } from "../../lib/clock.ts";
import { inTime } from "../../lib/in-time.ts";
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";
import type { Control } from "../control/control.ts";
import type { QueuePauses } from "../queue/pauses.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import type { DeviceStopReport, StopReport } from "../requests.ts";
import type { DeviceStop, Machine } from "./port.ts";

export interface StopDeps {
  readonly clock: Clock;
  readonly machine: Machine;
  readonly board: Board;
  readonly pauses: QueuePauses;
  readonly control: Control;
}

/** How long the answer waits for the disk and for tasks that end quickly. Nothing that is stopped waits for it. */
const longestAnswerMs = 1000;

/** Twice without harm. Whatever the disk or a device does, it is answered in bounded time. */
export async function stopEverything(deps: StopDeps): Promise<StopReport> {
  const devices = deps.machine.stop();
  // Told before anything else can run: a task whose move has been stopped under it ends as cancelled, not as failed.
  const paused = deps.pauses.stop();
  const entries = Array.from(deps.board.live).filter(({ stored }) => stored.record.status !== "interrupted");
  const told = entries.map((entry) => deps.control.cancellation.stop(entry));
  const [stops, stored] = await Promise.all([devices, storedBy(deps.clock, [paused, ...told])]);
  return reportOf(stops, entries, stored);
}

/** The queue goes on: whoever waits for the device has it next. @throws UNKNOWN_DEVICE */
export async function stopDevice(
  name: string,
  deps: Omit<StopDeps, "pauses"> & { readonly scheduler: Scheduler },
): Promise<DeviceStopReport> {
  const stopping = deps.machine.stopOne(name);
  const entries = deps.scheduler.claimants
    .holdersOf(name)
    .flatMap((id) => (id === null ? undefined : deps.board.get(id)) ?? []);
  const told = entries.map((entry) => deps.control.cancellation.stop(entry));
  const [device, stored] = await Promise.all([stopping, storedBy(deps.clock, told)]);
  return { ...device, stored, tasks: tasksIn(entries) };
}

function reportOf(devices: readonly DeviceStop[], entries: readonly Entry[], stored: boolean): StopReport {
  return {
    stopped: devices.every(({ stopped }) => stopped),
    stored,
    devices,
    tasks: tasksIn(entries),
  };
}

const tasksIn = (entries: readonly Entry[]): StopReport["tasks"] =>
  entries.map(({ stored: { record } }) => ({ id: record.id, task: record.task, status: record.status }));

/** Whether all of it is on the disk before the answer is due. */
const storedBy = (clock: Clock, work: readonly Promise<unknown>[]): Promise<boolean> =>
  inTime(Promise.all(work), longestAnswerMs, clock).catch(() => false);
