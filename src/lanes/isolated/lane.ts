// The lane of tasks in processes of their own: each attempt has one, and takes nobody along whatever it does. It is
// ended for real, native code and all it has started included, and held to limits of memory and CPU time.
import type { Lane, LaneRun, Work, WorkEvents } from "../../engine/ports.ts";
import type { Failure } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { withoutSecrets } from "../../lib/processes/environment.ts";
import type { ProcessNotes } from "../../lib/processes/notes.ts";
import type { Device } from "../../task/devices.ts";
import type { Claims } from "../../task/policy.ts";
import { failureOf } from "../failure.ts";
import { type Places, startOf } from "../start.ts";
import { IsolatedAttempt } from "./attempt.ts";
import { deviceKey, Exports } from "./exports.ts";
import { Processes } from "./processes.ts";

export interface IsolatedLaneOptions extends Places {
  /** The program of a child: opens its channel, then serves (executor.ts). */
  readonly entry: URL;
  readonly clock: Clock;
  readonly log: Logger;
  /** The devices named in `uses`; every call is given `signal()`, beside one of its own. */
  readonly devices: (uses: Claims, signal: () => AbortSignal) => Record<string, Device>;
  /** Calls the listener with the name of each device that has changed. Returns how to leave. */
  readonly onDeviceChange: (listener: (name: string) => void) => () => void;
  /** Those that stay in this process when a task runs elsewhere. */
  readonly services: Readonly<Record<string, object>>;
  readonly warm: () => number;
  readonly notes: ProcessNotes;
}

export class IsolatedLane implements Lane {
  readonly #options: IsolatedLaneOptions;
  readonly #processes: Processes;
  readonly #running = new Map<LaneRun, Promise<unknown>>();

  constructor(options: IsolatedLaneOptions) {
    this.#options = options;
    this.#processes = new Processes({ ...options, env: withoutSecrets(process.env) });
  }

  /** How many tasks have a process. */
  busy(): number {
    return this.#running.size;
  }

  /** @param longestSilenceMs a task does not outlive a runtime that is held up for longer; null where it may */
  start(work: Work, events: WorkEvents, longestSilenceMs: number | null = null): LaneRun {
    const { devices, services } = this.#options;
    try {
      const exports = new Exports({ devices: (signal) => devices(work.claims, signal), services });
      return this.#start(work, events, exports, longestSilenceMs);
    } catch (error) {
      return refused(failureOf(error, { file: work.type.source.file, url: work.type.module.url }));
    }
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    for (const run of this.#running.keys()) run.kill?.();
    await Promise.all([...this.#running.values(), this.#processes.close()]);
  }

  #start(work: Work, events: WorkEvents, exports: Exports, longestSilenceMs: number | null): LaneRun {
    const { clock, log, onDeviceChange } = this.#options;
    const names = exports.devices;
    const attempt = new IsolatedAttempt(work, events, {
      start: {
        ...startOf(work, this.#options),
        taskName: work.type.name,
        isBlocking: work.type.policy.isBlocking,
        checksParameters: !work.type.isTrusted,
        devices: names,
      },
      exports,
      processes: this.#processes,
      clock,
      log,
      longestSilenceMs,
    });
    const leave =
      names.length === 0 ? () => undefined : onDeviceChange((name) => attempt.changed(deviceKey(name)));
    const ended = attempt.run().finally(leave);
    const run = attempt.handle(ended);
    this.#running.set(run, ended);
    void ended.then((ending) => {
      this.#running.delete(run);
      if (ending.how === "threw" && !ending.cancelled)
        log.info({ task_id: work.taskId, code: ending.failure.code, stack: attempt.stack }, "the task threw");
    });
    return run;
  }
}

/** A task that cannot have its devices ends before it begins, as it would in the event loop. */
const refused = (failure: Failure): LaneRun => ({
  ended: Promise.resolve({ how: "threw", failure, cancelled: false }),
  cancel: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
  kill: () => undefined,
});
