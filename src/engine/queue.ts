// Those who wait, in the order of their turn: priority, then first come. One list for each kind of need, so that
// looking for the next to start never walks past thousands that wait for the same thing.
import { type Needs, nothingReserved, type Reserved, reserve } from "./admission.ts";
import { SortedList } from "./sorted-list.ts";

export interface Waiting {
  readonly id: string;
  readonly priority: number;
  /** Grows with every submit and restart. */
  readonly order: number;
}

const byTurn = (a: Waiting, b: Waiting): number => b.priority - a.priority || a.order - b.order;

interface Line {
  readonly needs: Needs;
  readonly waiting: SortedList<Waiting>;
}

export class Queue {
  readonly #lines = new Map<string, Line>();
  readonly #members = new Map<string, { ticket: Waiting; line: Line | null }>();
  /** Those whose type is gone: they keep their turn but nobody waits for them. */
  readonly #gone = new SortedList<Waiting>(byTurn);

  get size(): number {
    return this.#members.size;
  }

  has(id: string): boolean {
    return this.#members.has(id);
  }

  /** @param needs null while the type is gone */
  add(ticket: Waiting, needs: Needs | null): void {
    const line = needs === null ? null : this.#lineFor(needs);
    (line?.waiting ?? this.#gone).add(ticket);
    this.#members.set(ticket.id, { ticket, line });
  }

  delete(id: string): Waiting | null {
    const member = this.#members.get(id);
    if (!member) return null;
    this.#members.delete(id);
    (member.line?.waiting ?? this.#gone).delete(member.ticket);
    return member.ticket;
  }

  /**
   * Offers each head in turn to `take`, which answers whether it started. One that did not reserves what it needs:
   * its whole line waits behind it, and an exclusive one holds up everybody.
   */
  offer(take: (ticket: Waiting, needs: Needs, reserved: Reserved) => boolean): void {
    let reserved = nothingReserved;
    const closed = new Set<Line>();
    for (;;) {
      const line = this.#nextLine(closed);
      const ticket = line?.waiting.first;
      if (!line || !ticket) return;
      if (take(ticket, line.needs, reserved)) {
        this.delete(ticket.id);
        continue;
      }
      reserved = reserve(reserved, line.needs, ticket.id);
      if (reserved.everything !== null) return;
      closed.add(line);
    }
  }

  /** What those ahead of a waiting task reserve, and the needs of the task itself; null where it does not wait. */
  standingOf(id: string): { needs: Needs | null; reserved: Reserved; position: number } | null {
    const member = this.#members.get(id);
    if (!member) return null;
    let reserved = nothingReserved;
    for (const { needs, waiting } of this.#lines.values()) {
      const head = waiting.first;
      if (head && byTurn(head, member.ticket) < 0) reserved = reserve(reserved, needs, head.id);
    }
    return { needs: member.line?.needs ?? null, reserved, position: this.#positionOf(member.ticket) };
  }

  /** Everybody, in the order of their turn. */
  inOrder(): Waiting[] {
    return [...this.#members.values()].map(({ ticket }) => ticket).sort(byTurn);
  }

  #positionOf(ticket: Waiting): number {
    let before = this.#gone.countBefore(ticket);
    for (const { waiting } of this.#lines.values()) before += waiting.countBefore(ticket);
    return before + 1;
  }

  #nextLine(closed: ReadonlySet<Line>): Line | null {
    let best: Line | null = null;
    for (const line of this.#lines.values()) {
      const head = line.waiting.first;
      if (!head || closed.has(line)) continue;
      if (!best?.waiting.first || byTurn(head, best.waiting.first) < 0) best = line;
    }
    return best;
  }

  #lineFor(needs: Needs): Line {
    const key = `${needs.exclusive ? "exclusive " : ""}${needs.slot}`;
    let line = this.#lines.get(key);
    if (!line) {
      line = { needs, waiting: new SortedList(byTurn) };
      this.#lines.set(key, line);
    }
    return line;
  }
}
