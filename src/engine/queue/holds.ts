// What the tasks under way have taken. One that a running task submitted is held beneath it: what those above it hold is
// not in its way, and they keep what they hold until nothing beneath them runs.
import { getOrMake } from "../../lib/get-or-make.ts";
import { TurnoverMap } from "../../lib/turnover.ts";
import { allUnits, type Claim, type Needs, type Slot } from "./admission.ts";
import { Ledger } from "./ledger.ts";

/** What one attempt has taken. */
export class Hold {
  readonly id: string;
  readonly needs: Needs;
  readonly parent: Hold | null;
  /** Milliseconds. */
  readonly since: number;
  /** No other hold has it. */
  readonly number: number;
  /** False while it waits for another task. */
  hasSlot: boolean;
  /** Its own work has ended. */
  isOver = false;
  /** Those right beneath it, from the first one on. */
  beneath: Set<Hold> | null = null;

  constructor(id: string, needs: Needs, parent: Hold | null, since: number, number: number) {
    this.id = id;
    this.needs = needs;
    this.parent = parent;
    this.since = since;
    this.number = number;
    this.hasSlot = needs.slot !== null;
  }

  isAbove(other: Hold | null): boolean {
    for (let at = other; at; at = at.parent) if (at === this) return true;
    return false;
  }
}

/** What may become free besides a slot: the machine, a name. */
export const machine = "the machine";
export const resourceOf = ({ name }: Claim): string => `name ${name}`;

export class Holds {
  readonly #held = new TurnoverMap<string, Hold>();
  readonly #slots: Record<Slot, number> = { async: 0, blocking: 0 };
  readonly #exclusive = new Set<Hold>();
  readonly #ledgers = new Map<string, Ledger>();
  readonly #onFree: (resource: string) => void;
  /** Tasks under way on this machine. */
  #running = 0;
  #count = 0;

  /** @param onFree told what somebody who waits may have now */
  constructor(onFree: (resource: string) => void) {
    this.#onFree = onFree;
  }

  get size(): number {
    return this.#held.size;
  }

  has(id: string): boolean {
    return this.#held.has(id);
  }

  get(id: string): Hold | undefined {
    return this.#held.get(id);
  }

  /** Slots that are taken. */
  taken(slot: Slot): number {
    return this.#slots[slot];
  }

  take(id: string, needs: Needs, parent: Hold | null, since: number): void {
    const hold = new Hold(id, needs, parent, since, ++this.#count);
    this.#held.set(id, hold);
    if (needs.slot !== null) {
      this.#slots[needs.slot]++;
      this.#running++;
    }
    if (needs.exclusive) this.#exclusive.add(hold);
    for (const claim of needs.claims) this.#ledgerOf(claim).take(hold, claim.exclusive ? allUnits : 1);
    if (!parent) return;
    parent.beneath ??= new Set();
    parent.beneath.add(hold);
  }

  /** Its work has ended. What it claims goes free with the last one beneath it. */
  release(id: string): void {
    const hold = this.#held.get(id);
    if (!hold) return;
    this.#held.delete(id);
    hold.isOver = true;
    if (hold.needs.slot !== null) this.#running--;
    this.giveSlotBack(hold);
    this.#letGo(hold);
    this.#onFree(machine);
  }

  giveSlotBack(hold: Hold): void {
    const { slot } = hold.needs;
    if (slot === null || !hold.hasSlot) return;
    hold.hasSlot = false;
    this.#slots[slot]--;
  }

  takeSlot(hold: Hold): void {
    const { slot } = hold.needs;
    if (slot === null || hold.hasSlot) return;
    hold.hasSlot = true;
    this.#slots[slot]++;
  }

  /** Tasks that run on this machine, those above left out. */
  runningBeside(parent: Hold | null): number {
    let running = this.#running;
    for (let above = parent; above; above = above.parent)
      if (!above.isOver && above.needs.slot !== null) running--;
    return running;
  }

  *allBeside(parent: Hold | null): Generator<Hold> {
    for (const hold of this.#held.values()) if (hold.needs.slot !== null && !hold.isAbove(parent)) yield hold;
  }

  exclusiveBeside(parent: Hold | null): Hold | null {
    for (const hold of this.#exclusive) if (!hold.isAbove(parent)) return hold;
    return null;
  }

  /** Units of a name that others than those above have taken. */
  unitsBeside(claim: Claim, parent: Hold | null): number {
    return this.#ledgers.get(claim.name)?.takenBeside(parent) ?? 0;
  }

  /** How much more of it a family would take with one more right beneath `parent` that claims this. */
  growth(claim: Claim, parent: Hold | null): number {
    const units = claim.exclusive ? allUnits : 1;
    return this.#ledgers.get(claim.name)?.growth(parent, units) ?? units;
  }

  /** Who holds it beside those above, and how much of it. */
  *holdersBeside(name: string, parent: Hold | null): Generator<[Hold, number]> {
    for (const holder of this.#ledgers.get(name)?.holders() ?? [])
      if (!holder[0].isAbove(parent)) yield holder;
  }

  #letGo(hold: Hold): void {
    if (hold.beneath !== null && hold.beneath.size > 0) return;
    if (hold.needs.exclusive) this.#exclusive.delete(hold);
    for (const claim of hold.needs.claims) this.#freeName(claim, hold);
    const { parent } = hold;
    parent?.beneath?.delete(hold);
    if (parent?.isOver) this.#letGo(parent);
  }

  #freeName(claim: Claim, hold: Hold): void {
    const ledger = this.#ledgerOf(claim);
    ledger.release(hold);
    if (ledger.isEmpty) this.#ledgers.delete(claim.name);
    this.#onFree(resourceOf(claim));
  }

  #ledgerOf({ name }: Claim): Ledger {
    return getOrMake(this.#ledgers, name, () => new Ledger());
  }
}
