// How much of one name is taken, and by whom. What a task takes beneath another counts as part of what that one holds:
// a family together takes what its members take, and never the same thing twice.
import type { Hold } from "./holds.ts";

interface Account {
  /** What the task itself holds. */
  own: number;
  /** What those right beneath it take together. */
  below: number;
}

const total = ({ own, below }: Account): number => Math.max(own, below);

export class Ledger {
  readonly #accounts = new Map<Hold, Account>();
  #taken = 0;

  /** Nobody holds any of it. */
  get isEmpty(): boolean {
    return this.#accounts.size === 0;
  }

  take(hold: Hold, units: number): void {
    this.#book(hold, units);
  }

  release(hold: Hold): void {
    this.#book(hold, 0);
  }

  /** What is taken by others than those above a task that is right beneath `parent`. */
  takenBeside(parent: Hold | null): number {
    let taken = 0;
    let branch = 0;
    for (let above = parent; above; above = above.parent) {
      const account = this.#accounts.get(above);
      taken += (account?.below ?? 0) - branch;
      branch = account ? total(account) : 0;
    }
    return taken + this.#taken - branch;
  }

  /** How much more a whole family would take with these units more right beneath `parent`. */
  growth(parent: Hold | null, units: number): number {
    let more = units;
    for (let above = parent; above; above = above.parent) {
      const { own, below } = this.#accounts.get(above) ?? { own: 0, below: 0 };
      more = total({ own, below: below + more }) - total({ own, below });
    }
    return more;
  }

  /** Who holds some of it, and how much. */
  *holders(): Generator<[Hold, number]> {
    for (const [hold, { own }] of this.#accounts) if (own > 0) yield [hold, own];
  }

  #book(hold: Hold, own: number): void {
    let more = this.#change(hold, (account) => ({ ...account, own }));
    for (let above = hold.parent; above && more !== 0; above = above.parent) {
      const grown = more;
      more = this.#change(above, (account) => ({ ...account, below: account.below + grown }));
    }
    this.#taken += more;
  }

  #change(hold: Hold, change: (account: Account) => Account): number {
    const before = this.#accounts.get(hold) ?? { own: 0, below: 0 };
    const after = change(before);
    if (after.own === 0 && after.below === 0) this.#accounts.delete(hold);
    else this.#accounts.set(hold, after);
    return total(after) - total(before);
  }
}
