// What those who wait will need: nobody behind them may take it. Who waits beneath a running task stands before everybody
// who does not, and is held up only by its equals: what stands elsewhere may itself be waiting for those above it.
import { getOrMake } from "../../lib/get-or-make.ts";
import { SortedList } from "../board/sorted-list.ts";
import type { Claim, Needs } from "./admission.ts";
import { type Hold, machine, resourceOf } from "./holds.ts";
import { byTurn, type Waiting } from "./turn.ts";

interface Waiters {
  readonly exclusive: SortedList<Waiting>;
  readonly shared: SortedList<Waiting>;
}

/** @param exclusive how they want it */
type Visit = (parent: Hold | null, exclusive: boolean, waiters: SortedList<Waiting>) => void;

export class Reservations {
  /** By what they need, and beneath whom they wait. */
  readonly #waiting = new Map<string, Map<Hold | null, Waiters>>();

  add(ticket: Waiting, { exclusive, claims }: Needs, parent: Hold | null): void {
    if (exclusive) this.#add(machine, true, ticket, parent);
    for (const claim of claims) this.#add(resourceOf(claim), claim.exclusive, ticket, parent);
  }

  delete(ticket: Waiting, { exclusive, claims }: Needs, parent: Hold | null): void {
    if (exclusive) this.#delete(machine, true, ticket, parent);
    for (const claim of claims) this.#delete(resourceOf(claim), claim.exclusive, ticket, parent);
  }

  /** The exclusive task that waits before this one, or null. */
  exclusiveAhead(ticket: Waiting, parent: Hold | null): Waiting | null {
    return this.#firstAhead(machine, ticket, parent, true);
  }

  /** Who waits for the name before this task. Where it can be shared, one that wants it alone is named first. */
  claimantAhead(claim: Claim, ticket: Waiting, parent: Hold | null): Waiting | null {
    const resource = resourceOf(claim);
    const alone = claim.exclusive ? null : this.#firstAhead(resource, ticket, parent, true);
    return alone ?? this.#firstAhead(resource, ticket, parent, false);
  }

  /**
   * Units of the name that those before this task wait for.
   * @param growth what one of them would add to what its family has
   */
  unitsAhead(
    claim: Claim,
    ticket: Waiting,
    parent: Hold | null,
    growth: (claim: Claim, parent: Hold | null) => number,
  ): number {
    let units = 0;
    this.#visit(resourceOf(claim), parent, (at, exclusive, waiters) => {
      const ahead = waiters.countBefore(ticket);
      if (ahead > 0) units += ahead * growth({ name: claim.name, exclusive }, at);
    });
    return units;
  }

  #firstAhead(
    resource: string,
    ticket: Waiting,
    parent: Hold | null,
    exclusiveOnly: boolean,
  ): Waiting | null {
    if (!this.#waiting.has(resource)) return null;
    let first = ticket;
    this.#visit(resource, parent, (_, exclusive, waiters) => {
      if (exclusiveOnly && !exclusive) return;
      if (waiters.first && byTurn(waiters.first, first) < 0) first = waiters.first;
    });
    return first === ticket ? null : first;
  }

  /** Those a task that waits right beneath `parent` may have to let go first. */
  #visit(resource: string, parent: Hold | null, visit: Visit): void {
    const groups = this.#waiting.get(resource);
    if (!groups) return;
    for (const [at, { exclusive, shared }] of groups) {
      if (parent !== null && at !== parent) continue;
      visit(at, true, exclusive);
      visit(at, false, shared);
    }
  }

  #add(resource: string, exclusive: boolean, ticket: Waiting, parent: Hold | null): void {
    const groups = getOrMake(this.#waiting, resource, () => new Map<Hold | null, Waiters>());
    const waiters = getOrMake(groups, parent, () => ({
      exclusive: new SortedList(byTurn),
      shared: new SortedList(byTurn),
    }));
    (exclusive ? waiters.exclusive : waiters.shared).add(ticket);
  }

  #delete(resource: string, exclusive: boolean, ticket: Waiting, parent: Hold | null): void {
    const groups = this.#waiting.get(resource);
    const waiters = groups?.get(parent);
    if (!groups || !waiters) return;
    (exclusive ? waiters.exclusive : waiters.shared).delete(ticket);
    if (waiters.exclusive.size + waiters.shared.size > 0) return;
    groups.delete(parent);
    if (groups.size === 0) this.#waiting.delete(resource);
  }
}
