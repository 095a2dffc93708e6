// Who may start now, and if not, why not. Pure: it decides and answers with a reason; doing happens elsewhere.
import type { Claims, LaneName, Policy } from "../../task/policy.ts";

export type Slot = "async" | "blocking";

/** One name a task claims. */
export interface Claim {
  readonly name: string;
  readonly exclusive: boolean;
}

/** What a task takes while it runs: all of it at once, or nothing. */
export interface Needs {
  /** Nothing else runs on this machine meanwhile. */
  readonly exclusive: boolean;
  /** Null where it runs on another machine. */
  readonly slot: Slot | null;
  /** In the order of their names. */
  readonly claims: readonly Claim[];
  /** Equal for equal needs. */
  readonly key: string;
}

/** @param lane where its next attempt runs @param claims what it claims beyond its type, or instead of it */
export function needsOf(policy: Policy, lane: LaneName = policy.lane, claims: Claims = policy.uses): Needs {
  const isElsewhere = lane === "fleet";
  const slot = isElsewhere ? null : policy.isBlocking ? "blocking" : "async";
  const exclusive = policy.isExclusive && !isElsewhere;
  const wanted = Object.entries(claims)
    .map(([name, mode]): Claim => ({ name, exclusive: mode === "exclusive" }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const kind = `${exclusive ? "exclusive " : ""}${slot}`;
  const key =
    wanted.length === 0
      ? kind
      : JSON.stringify([kind, ...wanted.map(({ name, exclusive }) => [name, exclusive])]);
  return { exclusive, slot, claims: wanted, key };
}

/** An exclusive claim takes all units of a name, a shared one takes one of as many as its capacity says. */
export const allUnits = 2 ** 40;

/** What one waiting task meets. The tasks it is beneath are in nobody's way here; `ahead` are those before it. */
export interface InTheWay {
  /** Tasks under way on this machine. */
  readonly running: number;
  readonly exclusiveRunning: boolean;
  readonly exclusiveAhead: boolean;
  /** Slots that are taken. */
  taken(slot: Slot): number;
  /** Units of the name that are held. */
  held(claim: Claim): number;
  /** Units of the name that those ahead wait for: nobody behind them may take these. */
  reserved(claim: Claim): number;
}

export interface AdmissionLimits {
  readonly maxConcurrentTasks: number;
  readonly blockingWorkers: number;
  /** How many shared claims a name bears at the same time; as many as want where it is not named. */
  readonly capacities: Readonly<Record<string, number>>;
}

export type Because =
  | "exclusive_waiting"
  | "exclusive_running"
  | "tasks_running"
  | "claim"
  | "claim_waiting"
  | "concurrency_limit"
  | "workers_busy"
  | "queue_paused"
  | "TASK_TYPE_GONE";

export interface Obstacle {
  readonly because: Because;
  /** The claimed name, or the setting that limits. */
  readonly resource: string | null;
}

export type Decision = { readonly admit: true } | ({ readonly admit: false } & Obstacle);

const yes: Decision = { admit: true };

export function admit(needs: Needs, way: InTheWay, limits: AdmissionLimits): Decision {
  const obstacle =
    machineTaken(needs, way) ?? claimTaken(needs, way, limits) ?? slotTaken(needs, way, limits);
  return obstacle === null ? yes : { admit: false, ...obstacle };
}

/** Everything that is in the way; while the machine is not to be had nothing else matters. */
export function obstaclesTo(needs: Needs, way: InTheWay, limits: AdmissionLimits): Obstacle[] {
  const machine = machineTaken(needs, way);
  if (machine) return [machine];
  const claims = needs.claims.map((claim) => nameTaken(claim, way, limits));
  return [...claims, slotTaken(needs, way, limits)].filter((obstacle) => obstacle !== null);
}

const exclusiveWaiting: Obstacle = { because: "exclusive_waiting", resource: null };
const exclusiveRunning: Obstacle = { because: "exclusive_running", resource: null };
const tasksRunning: Obstacle = { because: "tasks_running", resource: null };
const slotsTaken: Readonly<Record<Slot, Obstacle>> = {
  async: { because: "concurrency_limit", resource: "max_concurrent_tasks" },
  blocking: { because: "workers_busy", resource: "blocking_workers" },
};

function machineTaken({ exclusive, slot }: Needs, way: InTheWay): Obstacle | null {
  if (slot === null) return null;
  if (way.exclusiveAhead) return exclusiveWaiting;
  if (way.exclusiveRunning) return exclusiveRunning;
  return exclusive && way.running > 0 ? tasksRunning : null;
}

function claimTaken({ claims }: Needs, way: InTheWay, limits: AdmissionLimits): Obstacle | null {
  for (const claim of claims) {
    const obstacle = nameTaken(claim, way, limits);
    if (obstacle) return obstacle;
  }
  return null;
}

function nameTaken(claim: Claim, way: InTheWay, limits: AdmissionLimits): Obstacle | null {
  const { name: resource } = claim;
  const free = claim.exclusive ? 0 : capacityOf(resource, limits) - 1;
  const held = way.held(claim);
  if (held > free) return { because: "claim", resource };
  return held + way.reserved(claim) > free ? { because: "claim_waiting", resource } : null;
}

const capacityOf = (name: string, { capacities }: AdmissionLimits): number =>
  Object.hasOwn(capacities, name) ? (capacities[name] as number) : allUnits;

function slotTaken({ slot }: Needs, way: InTheWay, limits: AdmissionLimits): Obstacle | null {
  return slot === null || hasSlot(slot, way, limits) ? null : slotsTaken[slot];
}

/** Whether one more may have such a slot. */
export const hasSlot = (slot: Slot, way: Pick<InTheWay, "taken">, limits: AdmissionLimits): boolean =>
  way.taken(slot) < (slot === "async" ? limits.maxConcurrentTasks : limits.blockingWorkers);
