// What an engine is given once, when it is opened: the world it lives in.
import type { EventInput } from "../events/catalogue.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { LaneName } from "../task/policy.ts";
import type { Machine } from "./machine/port.ts";
import type {
  FileHashes,
  Lane,
  Limits,
  LogFiles,
  Outlet,
  ResultFiles,
  TaskStore,
  TaskTypes,
} from "./ports.ts";

export interface EngineOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly types: TaskTypes;
  readonly store: TaskStore;
  readonly results: ResultFiles;
  readonly hashes: FileHashes;
  readonly logs: LogFiles;
  readonly lanes: Partial<Record<LaneName, Lane>>;
  readonly limits: () => Limits;
  /** 0 <= n < 1 */
  readonly random: () => number;
  readonly publish: (event: EventInput) => void;
  /**
   * The boot of the machine in which the last process died by itself, as a plain word. Default: none, the power went or
   * it ended in order.
   */
  readonly crashedIn?: string | null;
  /** Default: webhooks are refused. */
  readonly outlet?: Outlet;
  /** Default: there are no devices. */
  readonly machine?: Machine;
}
