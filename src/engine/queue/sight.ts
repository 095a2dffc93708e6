// What one waiting task meets: the holds of others and what those ahead of it wait for; and who they are.
import type { Because, Claim, InTheWay, Needs, Obstacle, Slot } from "./admission.ts";
import { allUnits } from "./admission.ts";
import type { Hold, Holds } from "./holds.ts";
import type { Reservations } from "./reservations.ts";
import type { Waiting } from "./turn.ts";

/** A task that is in the way, and since when. */
export interface Culprit {
  readonly id: string;
  /** Milliseconds. */
  readonly since: number;
}

export class Sight implements InTheWay {
  readonly #holds: Holds;
  readonly #reservations: Reservations;
  readonly #ticket: Waiting;
  readonly #parent: Hold | null;

  /** @param parent what the task is right beneath */
  constructor(holds: Holds, reservations: Reservations, ticket: Waiting, parent: Hold | null) {
    this.#holds = holds;
    this.#reservations = reservations;
    this.#ticket = ticket;
    this.#parent = parent;
  }

  get running(): number {
    return this.#holds.runningBeside(this.#parent);
  }

  get exclusiveRunning(): boolean {
    return this.#holds.exclusiveBeside(this.#parent) !== null;
  }

  get exclusiveAhead(): boolean {
    return this.#reservations.exclusiveAhead(this.#ticket, this.#parent) !== null;
  }

  taken(slot: Slot): number {
    return this.#holds.taken(slot);
  }

  held(claim: Claim): number {
    return this.#holds.unitsBeside(claim, this.#parent);
  }

  reserved(claim: Claim): number {
    const growth = (other: Claim, parent: Hold | null): number => this.#holds.growth(other, parent);
    return this.#reservations.unitsAhead(claim, this.#ticket, this.#parent, growth);
  }

  /** Whom it waits for; empty where nobody in particular is in the way. */
  culprits({ because, resource }: Obstacle, { claims }: Needs): Culprit[] {
    const claim = claims.find(({ name }) => name === resource);
    if (claim) return because === "claim" ? this.#holdersOf(claim) : this.#claimantOf(claim);
    return this.#onMachine(because);
  }

  /** The same as groups: of each group one has to go. */
  groups(obstacle: Obstacle, needs: Needs): string[][] {
    const ids = this.culprits(obstacle, needs).map(({ id }) => id);
    const claim = needs.claims.find(({ name }) => name === obstacle.resource);
    // Where a name is shared by as many as it bears, room for one is enough.
    const anyOfThem = claim !== undefined && !claim.exclusive && !this.#isHeldAlone(claim);
    return anyOfThem && ids.length > 0 ? [ids] : ids.map((id) => [id]);
  }

  #onMachine(because: Because): Culprit[] {
    switch (because) {
      case "exclusive_waiting":
        return culpritsOf(this.#reservations.exclusiveAhead(this.#ticket, this.#parent));
      case "exclusive_running":
        return facesOf(this.#holds.exclusiveBeside(this.#parent));
      case "tasks_running":
        return [...this.#holds.allBeside(this.#parent)];
      default:
        return [];
    }
  }

  #holdersOf(claim: Claim): Culprit[] {
    const holders = [...this.#holds.holdersBeside(claim.name, this.#parent)];
    const alone = holders.filter(([, units]) => units === allUnits);
    const inTheWay = claim.exclusive || alone.length === 0 ? holders : alone;
    return inTheWay.flatMap(([hold]) => facesOf(hold));
  }

  #isHeldAlone(claim: Claim): boolean {
    return [...this.#holds.holdersBeside(claim.name, this.#parent)].some(([, units]) => units === allUnits);
  }

  #claimantOf(claim: Claim): Culprit[] {
    return culpritsOf(this.#reservations.claimantAhead(claim, this.#ticket, this.#parent));
  }
}

const culpritsOf = (waiting: Waiting | null): Culprit[] => (waiting ? [waiting] : []);

/** Where its own work has ended, those beneath it are what keeps it. */
function facesOf(hold: Hold | null): Culprit[] {
  if (!hold) return [];
  return hold.isOver ? [...(hold.beneath ?? [])].flatMap(facesOf) : [hold];
}
