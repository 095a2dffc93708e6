// A hand-made ctx for running a task class directly, over real devices and services.
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Devices } from "../../src/hardware/devices.ts";
import { wait } from "../../src/hardware/wait.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { createServices } from "../../src/services/services.ts";
import type { Claims } from "../../src/task/policy.ts";
import { quiet } from "../quiet.ts";
import { quarantineIn } from "../services/quarantine.ts";

interface ContextOptions {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly resumedFrom?: unknown;
}

function shared({ dataDirectory, resumedFrom }: ContextOptions) {
  const artifacts: string[] = [];
  const own = path.join(dataDirectory, "tasks/own");
  mkdirSync(own, { recursive: true });
  return {
    taskId: "a-task",
    attempt: 1,
    resumedFrom,
    userContext: null,
    dependencies: [],
    log: quiet,
    files: { data: dataDirectory, own, resolve: (file: string) => path.resolve(dataDirectory, file) },
    isCancelled: () => false,
    progress: () => undefined,
    partialResult: () => undefined,
    artifacts,
    artifact: (file: string) => void artifacts.push(file),
  };
}

/** As the loop lane gives it: the abort is seen once, then devices and waits work under the grace. */
export function asyncContext(options: ContextOptions & { devices: Devices; uses: Claims }) {
  const abort = new AbortController();
  const grace = new AbortController();
  const saved: unknown[] = [];
  const signal = (): AbortSignal => (abort.signal.aborted ? grace.signal : abort.signal);
  return {
    ...shared(options),
    abort,
    signal: abort.signal,
    sleep: (ms: number) => wait(options.clock, ms, signal()),
    saved,
    checkpoint: async (state: unknown) => void saved.push(state),
    devices: options.devices.bind(options.uses, signal),
    services: createServices({ ...options, quarantine: quarantineIn(options.dataDirectory) }),
  };
}

export function blockingContext(options: ContextOptions) {
  return {
    ...shared(options),
    signal: { aborted: false, reason: null },
    sleep: () => undefined,
    checkpoint: () => undefined,
  };
}
