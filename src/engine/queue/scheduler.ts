// Keeps the queue and the holds, and says who starts. It never asks which lane executes.
import { type Clock, isoTime, type Timer } from "../../lib/clock.ts";
import type { Policy } from "../../task/policy.ts";
import type { Blocker } from "../../task/record.ts";
import { laneOf } from "../intake/submission.ts";
import type { Limits, QueuePause, TaskTypes } from "../ports.ts";
import { admit, type Needs, needsOf, type Obstacle, obstaclesTo } from "./admission.ts";
import { Claimants, taskOf } from "./claimants.ts";
import { claimsHeld } from "./claims.ts";
import { type Hold, Holds, machine, resourceOf } from "./holds.ts";
import type { Line } from "./lines.ts";
import { blockersOf } from "./pauses.ts";
import { Queue } from "./queue.ts";
import { Returning } from "./returning.ts";
import { Sight } from "./sight.ts";
import type { Waiting } from "./turn.ts";

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly types: TaskTypes;
  readonly limits: () => Limits;
  /** Called for each task that may start; its holds are taken already. */
  readonly start: (id: string) => void;
}

const holdOffMs = 250;
/** Decisions in a row before everybody else has a turn: a fraction of a millisecond. */
const mostAtOnce = 500;

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #queue = new Queue();
  readonly #holds = new Holds((resource) => this.#queue.wake(resource));
  readonly #returning = new Returning(this.#holds);
  readonly claimants: Claimants;
  readonly #needs = new WeakMap<Policy, Needs>();
  /** Nothing starts before `setPause` has been called the first time. */
  #pause: QueuePause | null | undefined;
  #closed = false;
  #holdOff: Timer | null = null;
  #rest: Timer | null = null;
  #decisions = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.claimants = new Claimants({
      clock: options.clock,
      holds: this.#holds,
      queue: this.#queue,
      release: (id) => this.release(id),
    });
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get running(): number {
    return this.#holds.size;
  }

  get busyWorkers(): number {
    return this.#holds.taken("blocking");
  }

  /** How often it was asked so far whether a task may start: what ends and starts cost. */
  get decisions(): number {
    return this.#decisions;
  }

  setPause(pause: QueuePause | null): void {
    this.#pause = pause;
    this.tick();
  }

  /** Nothing starts any more. */
  close(): void {
    this.#closed = true;
    this.#holdOff?.cancel();
    this.#rest?.cancel();
  }

  add(ticket: Waiting): void {
    const type = this.#options.types.get(ticket.task);
    const parent = ticket.parent === null ? null : this.#holds.get(ticket.parent);
    // Nothing starts beneath a task that is not under way (any more).
    const needs = type && parent !== undefined ? this.#needsOf(type.policy, ticket) : null;
    this.#queue.add(ticket, needs, parent ?? null);
  }

  /** Nothing starts: the queue is paused, or closed. */
  get standsStill(): boolean {
    return this.#closed || this.#pause !== null;
  }

  /**
   * Takes the holds of a new task, where nobody waits before it and nothing is in its way; false where it has to wait in
   * line. What claims a name, or wants the machine for itself, does so in any case: others look there for who comes.
   */
  takeAtOnce(ticket: Waiting): boolean {
    if (this.standsStill || this.#holdOff !== null) return false;
    if (this.#queue.size > 0 || this.#returning.size > 0 || ticket.parent !== null) return false;
    const type = this.#options.types.get(ticket.task);
    const needs = type && this.#needsOf(type.policy, ticket);
    if (!needs || needs.exclusive || needs.claims.length > 0) return false;
    this.#decisions++;
    if (!admit(needs, this.#sightOf(ticket, null), this.#options.limits()).admit) return false;
    this.#holds.take(ticket.id, needs, null, this.#options.clock.now());
    return true;
  }

  /** Takes a waiting task out; null where it does not wait (any more). */
  withdraw(id: string): Waiting | null {
    return this.#queue.delete(id);
  }

  /** Whether it is under way: on its way to a start, running, or not yet really ended. */
  isHolding(id: string): boolean {
    return this.#holds.has(id);
  }

  inOrder(): readonly Waiting[] {
    return this.#queue.inOrder();
  }

  /** The work has really ended: what it held is free, and those who waited for it start now, before anybody else. */
  release(id: string): void {
    this.#holds.release(id);
    this.tick();
  }

  /** The disk refused a start: back to its turn, and nothing starts for a moment. */
  putBack(ticket: Waiting): void {
    this.#holds.release(ticket.id);
    this.add(ticket);
    this.#holdOff ??= this.#options.clock.after(holdOffMs, () => {
      this.#holdOff = null;
      this.tick();
    });
  }

  /** It waits for another task and needs no slot meanwhile; what it claims it keeps. */
  giveSlotBack(id: string): void {
    const hold = this.#holds.get(id);
    if (!hold) return;
    this.#returning.leave(hold);
    this.#holds.giveSlotBack(hold);
    this.tick();
  }

  /**
   * Resolves when it has a slot again, before anybody in the queue.
   * @param isToldToStop then at once: it cleans up, whether there is a slot or not
   */
  async takeSlotAgain(id: string, isToldToStop = false): Promise<void> {
    const hold = this.#holds.get(id);
    if (!hold || hold.hasSlot || hold.needs.slot === null) return;
    const returned = this.#returning.enter(hold);
    if (isToldToStop) this.#returning.hurry(hold);
    this.tick();
    await returned;
  }

  /** It is told to stop: it has its slot again at once, where it waits for one. */
  hurry(id: string): void {
    const hold = this.#holds.get(id);
    if (hold) this.#returning.hurry(hold);
  }

  tick(): void {
    if (this.#queue.size === 0 && this.#returning.size === 0) return;
    const limits = this.#options.limits();
    if (this.#returning.size > 0) this.#returning.serve(limits);
    if (this.standsStill || this.#holdOff !== null) return;
    for (const id of this.#admit(limits)) this.#options.start(id);
  }

  /** @returns who starts; their holds are taken */
  #admit(limits: Limits): string[] {
    const starting: string[] = [];
    const most = this.#decisions + mostAtOnce;
    for (;;) {
      const line = this.#queue.next(this.#holds, limits);
      if (!line) return starting;
      if (this.#decisions === most) return this.#later(starting);
      this.#decisions++;
      const { first, needs, parent } = line;
      const obstacle = this.#obstacleTo(line, limits);
      if (obstacle !== null) {
        this.#queue.cannotStart(line, obstacle);
        continue;
      }
      this.#queue.started(line);
      this.#holds.take(first.id, needs, parent, this.#options.clock.now());
      starting.push(first.id);
    }
  }

  /** Whoever else may start is looked at when others have had a turn. */
  #later(starting: string[]): string[] {
    this.#rest ??= this.#options.clock.after(0, () => {
      this.#rest = null;
      this.tick();
    });
    return starting;
  }

  #obstacleTo({ first, needs, parent }: Line, limits: Limits): string | null {
    if (parent?.isOver) return orphaned;
    const decision = admit(needs, this.#sightOf(first, parent), limits);
    return decision.admit ? null : placeOf(decision);
  }

  /** Others may start now. */
  limitsChanged(): void {
    this.#queue.wakeAll();
    this.tick();
  }

  /** Why it waits, and its place in the queue; null where it does not wait. */
  standingOf(id: string): { blockedBy: Blocker[]; position: number } | null {
    const member = this.#queue.get(id);
    if (!member) return null;
    const { ticket, line } = member;
    const blocker = ({ because, resource }: Obstacle, taskId: string | null, since: number): Blocker => ({
      because,
      task_id: taskId,
      resource,
      since: isoTime(Math.max(ticket.since, since)),
    });
    const position = this.#queue.positionOf(ticket);
    if (line === null)
      return { blockedBy: [blocker({ because: "TASK_TYPE_GONE", resource: null }, null, 0)], position };
    if (this.#pause) return { blockedBy: blockersOf(this.#pause, ticket.since), position };
    const sight = this.#sightOf(ticket, line.parent);
    const blockedBy = obstaclesTo(line.needs, sight, this.#options.limits()).flatMap((obstacle) => {
      const culprits = sight.culprits(obstacle, line.needs);
      if (culprits.length === 0) return blocker(obstacle, null, 0);
      return culprits.map(({ id, since }) => blocker(obstacle, taskOf(id), since));
    });
    return { blockedBy, position };
  }

  /** The tasks that have to end before this one can start: of each group one. */
  waitsFor(id: string): string[][] {
    const { ticket, line } = this.#queue.get(id) ?? {};
    if (!ticket || !line) return [];
    const sight = this.#sightOf(ticket, line.parent);
    return obstaclesTo(line.needs, sight, this.#options.limits()).flatMap((obstacle) =>
      sight.groups(obstacle, line.needs),
    );
  }

  /** Types came, changed or went: those who wait for them wait in other lines, at the same turn. */
  typesChanged(names: ReadonlySet<string>): void {
    for (const ticket of this.inOrder()) {
      if (!names.has(ticket.task)) continue;
      this.#queue.delete(ticket.id);
      this.add(ticket);
    }
    this.tick();
  }

  /** It is about to start: if it needs something else than it holds, it waits for that instead. */
  lineUpIfOther(ticket: Waiting): boolean {
    const type = this.#options.types.get(ticket.task);
    const held = this.#holds.get(ticket.id)?.needs;
    if (!type || !held || this.#needsOf(type.policy, ticket).key === held.key) return false;
    this.#holds.release(ticket.id);
    this.add(ticket);
    this.tick();
    return true;
  }

  #sightOf(ticket: Waiting, parent: Hold | null): Sight {
    return new Sight(this.#holds, this.#queue.reservations, ticket, parent);
  }

  #needsOf(policy: Policy, { lane: wished, claims }: Waiting): Needs {
    const lane = laneOf(policy, wished);
    if (policy.usesDependOnParameters || lane === "fleet")
      return needsOf(policy, lane, claimsHeld(policy, claims));
    let needs = this.#needs.get(policy);
    if (!needs) {
      needs = needsOf(policy);
      this.#needs.set(policy, needs);
    }
    return needs;
  }
}

const orphaned = "a parent";

/** What has to become free before it is worth looking again; slots are looked at before. */
const placeOf = ({ because, resource }: Obstacle): string =>
  (because === "claim" || because === "claim_waiting") && resource !== null
    ? resourceOf({ name: resource, exclusive: false })
    : machine;
