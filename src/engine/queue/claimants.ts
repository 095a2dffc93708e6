// Who has a name, who comes to have it first, and names that are held for what is no task.
import type { Clock } from "../../lib/clock.ts";
import { deviceClaimed } from "../machine/claimed.ts";
import type { Hold, Holds } from "./holds.ts";
import type { Queue } from "./queue.ts";

export interface ClaimantsDeps {
  readonly clock: Clock;
  readonly holds: Holds;
  readonly queue: Queue;
  /** What was held under this id goes free, and whoever waits for it starts. */
  readonly release: (id: string) => void;
}

export class Claimants {
  readonly #deps: ClaimantsDeps;
  #count = 0;

  constructor(deps: ClaimantsDeps) {
    this.#deps = deps;
  }

  /** Who has this name: tasks under way, or null for what else holds it. */
  holdersOf(name: string): (string | null)[] {
    return Array.from(this.#deps.holds.holdersBeside(name, null), ([{ id }]) => taskOf(id));
  }

  /** Who has to end before somebody else can have this name: it holds it, or waits in line for it. */
  of(name: string): { readonly task: string | null } | null {
    const [task] = this.holdersOf(name);
    if (task !== undefined) return { task };
    const { holds, queue } = this.#deps;
    const next = holds.exclusiveBeside(null) ?? queue.firstFor(name);
    return next && { task: next.id };
  }

  /** The names nobody else can have while this task holds them, what those above it hold left out. */
  ownClaims(id: string): string[] {
    const hold = this.#deps.holds.get(id);
    const own = (hold?.needs.claims ?? []).filter(({ exclusive }) => exclusive);
    return own.flatMap(({ name }) => (claimsAbove(hold?.parent ?? null, name) ? [] : name));
  }

  /**
   * Holds names as a task would, until what it returns is called.
   * @throws DEVICE_CLAIMED where somebody has one of them
   */
  hold(names: readonly string[]): () => void {
    for (const name of names) {
      const [holder] = this.holdersOf(name);
      if (holder !== undefined) throw deviceClaimed(name, holder);
    }
    const { holds, clock, release } = this.#deps;
    const id = `hold ${++this.#count}`;
    const claims = names.map((name) => ({ name, exclusive: true }));
    holds.take(id, { exclusive: false, slot: null, claims, key: id }, null, clock.now());
    return () => release(id);
  }
}

/** Null for what holds names and is no task: its id has a space. */
export const taskOf = (id: string): string | null => (id.includes(" ") ? null : id);

function claimsAbove(above: Hold | null, name: string): boolean {
  for (let at = above; at; at = at.parent)
    if (at.needs.claims.some((claim) => claim.name === name)) return true;
  return false;
}
