// Keeps the queue and the holds, and says who starts. It never asks which lane executes.
import type { Clock } from "../../lib/clock.ts";
import type { Limits, QueuePause, TaskTypes } from "../ports.ts";
import { admit, type Obstacle } from "./admission.ts";
import { Claimants } from "./claimants.ts";
import { type Hold, Holds, machine, resourceOf } from "./holds.ts";
import type { Line } from "./lines.ts";
import { NeedsByType } from "./needs.ts";
import { mostAtOnce, Pace } from "./pace.ts";
import { Queue } from "./queue.ts";
import { Returning } from "./returning.ts";
import { Sight } from "./sight.ts";
import { Standings } from "./standings.ts";
import type { Waiting } from "./turn.ts";

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly types: TaskTypes;
  readonly limits: () => Limits;
  /** Called for each task that may start; its holds are taken already. */
  readonly start: (id: string) => void;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #queue = new Queue();
  readonly #holds = new Holds((resource) => this.#queue.wake(resource));
  readonly #needs: NeedsByType;
  readonly #pace: Pace;
  /** Those who wait for another task while they are under way. */
  readonly returning: Returning;
  readonly claimants: Claimants;
  readonly standings: Standings;
  /** Nothing starts before `setPause` has been called the first time. */
  #pause: QueuePause | null | undefined;
  #closed = false;
  #decisions = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { clock, types, limits } = options;
    const holds = this.#holds;
    const queue = this.#queue;
    const tick = (): void => this.tick();
    this.#needs = new NeedsByType(types);
    this.#pace = new Pace({ clock, tick });
    this.returning = new Returning({ holds, tick });
    this.claimants = new Claimants({ clock, holds, queue, release: (id) => this.release(id) });
    this.standings = new Standings({ holds, queue, limits, pause: () => this.#pause ?? null });
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
    this.#pace.close();
  }

  add(ticket: Waiting): void {
    const parent = ticket.parent === null ? null : this.#holds.get(ticket.parent);
    // Nothing starts beneath a task that is not under way (any more).
    const needs = parent !== undefined ? this.#needs.of(ticket) : null;
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
    if (this.standsStill || this.#pace.isHeldOff) return false;
    if (this.#queue.size > 0 || this.returning.size > 0 || ticket.parent !== null) return false;
    const needs = this.#needs.of(ticket);
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
    this.#pace.holdOff();
  }

  tick(): void {
    if (this.#queue.size === 0 && this.returning.size === 0) return;
    const limits = this.#options.limits();
    if (this.returning.size > 0) this.returning.serve(limits);
    if (this.standsStill || this.#pace.isHeldOff) return;
    for (const id of this.#admit(limits)) this.#options.start(id);
  }

  /** @returns who starts; their holds are taken */
  #admit(limits: Limits): string[] {
    const starting: string[] = [];
    const most = this.#decisions + mostAtOnce;
    for (;;) {
      const line = this.#queue.next(this.#holds, limits);
      if (!line) return starting;
      if (this.#decisions === most) {
        this.#pace.rest();
        return starting;
      }
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
    const needs = this.#needs.of(ticket);
    const held = this.#holds.get(ticket.id)?.needs;
    if (!needs || !held || needs.key === held.key) return false;
    this.#holds.release(ticket.id);
    this.add(ticket);
    this.tick();
    return true;
  }

  #sightOf(ticket: Waiting, parent: Hold | null): Sight {
    return new Sight(this.#holds, this.#queue.reservations, ticket, parent);
  }
}

const orphaned = "a parent";

/** What has to become free before it is worth looking again; slots are looked at before. */
const placeOf = ({ because, resource }: Obstacle): string =>
  (because === "claim" || because === "claim_waiting") && resource !== null
    ? resourceOf({ name: resource, exclusive: false })
    : machine;
