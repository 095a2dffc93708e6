// Whether the runtime is able to work, and what was looked at to say so: the answer of GET /health/ready.
import type { Attention, Troubled } from "./engine/attempt/attention.ts";
import type { PauseReason, QueuePause } from "./engine/ports.ts";
import type { TaskManager } from "./engine/task-manager.ts";
import type { Devices } from "./hardware/devices.ts";
import type { FleetLane } from "./lanes/fleet/lane.ts";
import type { LoopBlock } from "./lanes/watchdog/watchdog.ts";
import type { Messages } from "./outlets/redis/messages.ts";
import type { Registry } from "./registry/registry.ts";
import type { TaskStore } from "./store/task-store.ts";
import type { WebhookOutlet } from "./webhooks.ts";

export interface Health {
  /** The disk takes what is accepted, what is accepted can start, and nothing is closing. */
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly problem: string | null }>>;
}

export interface HealthParts {
  readonly store: TaskStore;
  readonly devices: Devices;
  readonly registry: Registry;
  readonly tasks: TaskManager;
  readonly outlet: Pick<WebhookOutlet, "problem"> | undefined;
  readonly messages: Pick<Messages, "problem"> | null;
  readonly fleet: Pick<FleetLane, "problem"> | null;
  /** The last time the event loop was blocked, while that is worth a word. */
  readonly lastBlock: () => LoopBlock | null;
}

export function healthOf({
  store,
  devices,
  registry,
  tasks,
  outlet,
  messages,
  fleet,
  lastBlock,
}: HealthParts): Health {
  const stored = store.health();
  const damage = store
    .problems()
    .map(
      ({ file, line, reason }) => `${file}${line === undefined ? "" : `:${line}`} was damaged (${reason})`,
    );
  const failed = devices.list().filter(({ problem }) => problem !== null);
  const rejected = registry.plugins().filter(({ status }) => status === "rejected");
  const attention = tasks.attention();
  const check = (problem: string | null) => ({ ok: problem === null, problem });
  return {
    ready: stored.ok && !tasks.isClosing && !attention.isBlocked,
    checks: {
      runtime: check(tasks.isClosing ? "shutting down" : null),
      store: check(stored.ok ? null : stored.problem),
      stored_data: check(damage.length > 0 ? damage.join("; ") : null),
      devices: check(
        failed.length > 0 ? failed.map(({ name, problem }) => `${name}: ${problem}`).join("; ") : null,
      ),
      plugins: check(rejected.length > 0 ? `${rejected.length} rejected, GET /plugins says why` : null),
      queue: check(problemOfQueue(tasks.queuePause)),
      tasks: check(problemOfTasks(attention)),
      webhooks: check(outlet?.problem ?? null),
      messages: check(messages?.problem ?? null),
      fleet: check(fleet?.problem ?? null),
      event_loop: check(problemOfLoop(lastBlock())),
    },
  };
}

function problemOfQueue(pause: QueuePause | null): string | null {
  if (pause === null) return null;
  const since = pause.since === null ? "" : ` since ${pause.since}`;
  const tasks = pause.task_ids.length === 0 ? "" : ` (${pause.task_ids.join(", ")})`;
  return `paused${since}: ${whyPaused[pause.because]}${tasks}; POST /queue/resume starts it again`;
}

const whyPaused: Record<PauseReason, string> = {
  user: "somebody asked for it",
  stopped: "everything was stopped in an emergency, and devices refuse to move",
  interrupted_hardware: "the power went while a task held devices that move",
};

function problemOfTasks({ stuck, silent, isBlocked }: Attention): string | null {
  const words = [
    ...(stuck.length > 0 ? [`${counted(stuck)} stuck, ignoring the cancel: ${named(stuck)}`] : []),
    ...(isBlocked ? ["they hold what others wait for: only a restart of the runtime helps"] : []),
    ...(silent.length > 0 ? [`${counted(silent)} silent: ${named(silent)}`] : []),
  ];
  return words.length > 0 ? words.join("; ") : null;
}

const counted = ({ length }: readonly Troubled[]): string =>
  length === 1 ? "1 task is" : `${length} tasks are`;

const named = (tasks: readonly Troubled[]): string =>
  tasks.map(({ task, id, since }) => `${task} ${id} since ${since}`).join(", ");

function problemOfLoop(block: LoopBlock | null): string | null {
  if (block === null) return null;
  const { blocked_ms, at, running, where } = block;
  const names = running.map(({ task, task_id }) => `${task} ${task_id}`).join(", ") || "no task";
  const place = where === null ? "" : `, in ${where}`;
  return `blocked for ${blocked_ms} ms until ${at} while ${names} ran${place}`;
}
