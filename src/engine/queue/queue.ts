// Those who wait, in the order of their turn. Equal needs stand in one line, so that looking for the next to start never
// walks past thousands that wait for the same thing.
import { getOrMake } from "../../lib/get-or-make.ts";
import { TurnoverMap } from "../../lib/turnover.ts";
import { SortedList } from "../board/sorted-list.ts";
import type { AdmissionLimits, Needs } from "./admission.ts";
import { type Hold, type Holds, machine, resourceOf } from "./holds.ts";
import { Line, Lines } from "./lines.ts";
import { Reservations } from "./reservations.ts";
import { byTurn, type Waiting } from "./turn.ts";

interface Member {
  readonly ticket: Waiting;
  /** Null where it cannot start, whatever becomes free. */
  readonly line: Line | null;
}

export class Queue {
  readonly reservations = new Reservations();
  readonly #lines = new Map<string, Line>();
  readonly #waits = new Lines();
  readonly #members = new TurnoverMap<string, Member>();
  /** They keep their turn but nobody waits for them. */
  readonly #aside = new SortedList<Waiting>(byTurn);
  /** Everybody in order, made when asked for. */
  #order: readonly Waiting[] | null = null;
  #asked = 0;

  get size(): number {
    return this.#members.size;
  }

  get(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** @param needs null while the type is gone */
  add(ticket: Waiting, needs: Needs | null, parent: Hold | null): void {
    this.#changed();
    const line = needs === null ? null : this.#lineFor(needs, parent);
    this.#members.set(ticket.id, { ticket, line });
    if (!line) {
      this.#aside.add(ticket);
      return;
    }
    const comesFirst = line.waiting.size === 0 || byTurn(ticket, line.first) < 0;
    if (comesFirst) this.#waits.leave(line);
    line.waiting.add(ticket);
    if (comesFirst) this.#waits.join(line);
    this.reservations.add(ticket, line.needs, line.parent);
  }

  /** What it would have needed may be had by those behind it. */
  delete(id: string): Waiting | null {
    const member = this.#remove(id);
    if (!member) return null;
    const { ticket, line } = member;
    if (line?.needs.exclusive) this.wake(machine);
    for (const claim of line?.needs.claims ?? []) this.wake(resourceOf(claim));
    return ticket;
  }

  /** Somebody may have this now. */
  wake(resource: string): void {
    this.#waits.wake(resource);
  }

  wakeAll(): void {
    this.#waits.wakeAll();
  }

  /** The line whose first to look at: of all that may be able to start, and have a slot to start in, the first in turn. */
  next(holds: Holds, limits: AdmissionLimits): Line | null {
    return this.#waits.next(holds, limits);
  }

  /** The first of the line has started. */
  started(line: Line): void {
    this.#remove(line.first.id);
  }

  /** The first of the line waits for this, and keeps what it needs from those behind it. */
  cannotStart(line: Line, resource: string): void {
    this.#waits.waitFor(line, resource);
  }

  /** Everybody, in the order of their turn. */
  inOrder(): readonly Waiting[] {
    this.#order ??= Array.from(this.#members.values(), ({ ticket }) => ticket).sort(byTurn);
    return this.#order;
  }

  /** The first of those that wait and claim this name, or null. */
  firstFor(name: string): Waiting | null {
    const lines = Array.from(this.#lines.values()).filter(({ needs }) =>
      needs.claims.some((claim) => claim.name === name),
    );
    return lines.map(({ first }) => first).sort(byTurn)[0] ?? null;
  }

  /** 1 is next. */
  positionOf(ticket: Waiting): number {
    // Asked for many in a row, it pays to put them in order once.
    if (this.#order === null && ++this.#asked * this.#lines.size > 10 * this.#members.size) this.inOrder();
    if (this.#order !== null) return 1 + placeIn(this.#order, ticket);
    let before = this.#aside.countBefore(ticket);
    for (const { waiting } of this.#lines.values()) before += waiting.countBefore(ticket);
    return before + 1;
  }

  #changed(): void {
    this.#order = null;
    this.#asked = 0;
  }

  #remove(id: string): Member | null {
    const member = this.#members.get(id);
    if (!member) return null;
    this.#changed();
    this.#members.delete(id);
    const { ticket, line } = member;
    if (!line) {
      this.#aside.delete(ticket);
      return member;
    }
    this.reservations.delete(ticket, line.needs, line.parent);
    const steps = line.first === ticket && (line.waiting.size === 1 || !this.#waits.isAlone(line));
    if (steps) this.#waits.leave(line);
    line.waiting.delete(ticket);
    if (line.waiting.size === 0) this.#close(line);
    else if (steps) this.#waits.join(line);
    return member;
  }

  #lineFor(needs: Needs, parent: Hold | null): Line {
    const key = parent === null ? needs.key : `${parent.number} ${needs.key}`;
    return getOrMake(this.#lines, key, () => new Line(key, needs, parent));
  }

  /** The few lines of those that claim nothing are kept. */
  #close(line: Line): void {
    if (line.parent !== null || line.needs.claims.length > 0) this.#lines.delete(line.key);
  }
}

function placeIn(order: readonly Waiting[], ticket: Waiting): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byTurn(order[middle] as Waiting, ticket) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
