// Lines of tasks with equal needs, and what each line waits for. A line is looked at again only when that may have become
// free and there is a slot for it; and of those that wait for the same only the first in turn, as long as it cannot start.
import { getOrMake } from "../../lib/get-or-make.ts";
import { SortedList } from "../board/sorted-list.ts";
import { type AdmissionLimits, hasSlot, type Needs, type Slot } from "./admission.ts";
import { type Hold, type Holds, machine, resourceOf } from "./holds.ts";
import { byTurn, type Waiting } from "./turn.ts";

export class Line {
  readonly key: string;
  readonly needs: Needs;
  readonly parent: Hold | null;
  readonly waiting = new SortedList<Waiting>(byTurn);
  /** Where it stands; null while it is empty. */
  place: Place | null = null;

  constructor(key: string, needs: Needs, parent: Hold | null) {
    this.key = key;
    this.needs = needs;
    this.parent = parent;
  }

  get first(): Waiting {
    return this.waiting.first as Waiting;
  }
}

const byFirst = (a: Line, b: Line): number => byTurn(a.first, b.first);

/** Lines that wait for the same, need the same kind of slot, and stand beneath the same task. */
class Place {
  /** Null where they have yet to be looked at. */
  readonly resource: string | null;
  /** All places of its slot where somebody may be able to start; empty ones are left out. */
  readonly woken: Woken;
  readonly lines = new SortedList<Line>(byFirst);
  isWoken: boolean;

  constructor(resource: string | null, woken: Woken) {
    this.resource = resource;
    this.woken = woken;
    this.isWoken = resource === null;
  }

  get first(): Waiting {
    return (this.lines.first as Line).first;
  }

  add(line: Line): void {
    this.#step(false);
    this.lines.add(line);
    line.place = this;
    this.#step(true);
  }

  delete(line: Line): void {
    this.#step(false);
    this.lines.delete(line);
    line.place = null;
    this.#step(true);
  }

  rouse(): void {
    if (this.isWoken) return;
    this.isWoken = true;
    this.#step(true);
  }

  /** Nobody here can start. */
  calm(): void {
    if (this.resource === null) return;
    this.#step(false);
    this.isWoken = false;
  }

  /** In or out of the woken ones: whoever comes first here says where this stands among them. */
  #step(into: boolean): void {
    if (!this.isWoken || this.lines.size === 0) return;
    if (into) this.woken.add(this);
    else this.woken.delete(this);
  }
}

type Woken = SortedList<Place>;
const inTurn = (a: Place, b: Place): number => byTurn(a.first, b.first);

/** By what they wait for, beneath whom, and for which slot. */
type Places = Map<Hold | null, Map<Slot | null, Place>>;

export class Lines {
  readonly #slots = [newcomers("async"), newcomers("blocking"), newcomers(null)];
  readonly #places = new Map<string, Places>();

  /** The line to look at next: the first in turn of all that may be able to start. */
  next(holds: Holds, limits: AdmissionLimits): Line | null {
    let next: Place | null = null;
    for (const { slot, woken } of this.#slots) {
      const { first } = woken;
      if (first === undefined || (slot !== null && !hasSlot(slot, holds, limits))) continue;
      if (next === null || inTurn(first, next) < 0) next = first;
    }
    return next?.lines.first ?? null;
  }

  /** To be looked at. */
  join(line: Line): void {
    this.#like(line).place.add(line);
  }

  /** To be called before its first changes. */
  leave(line: Line): void {
    const { place } = line;
    if (!place) return;
    place.delete(line);
    if (place.resource !== null && place.lines.size === 0) this.#forget(place.resource, line);
  }

  /** It stands nowhere near another: whoever comes first in it, it is looked at next of all with its slot. */
  isAlone(line: Line): boolean {
    const { place } = line;
    return place !== null && place.resource === null && place.lines.size === 1 && place.woken.size === 1;
  }

  /** It was looked at, and its first cannot start because of this. */
  waitFor(line: Line, resource: string): void {
    const before = line.place;
    this.leave(line);
    const place = this.#placeOf(resource, line);
    place.add(line);
    place.calm();
    // It keeps what it wants for itself alone from those behind it.
    if (before?.resource && wantsAlone(line.needs, before.resource)) before.calm();
  }

  /** Somebody may have it now. */
  wake(resource: string): void {
    const places = this.#places.get(resource);
    if (!places) return;
    for (const bySlot of places.values()) for (const place of bySlot.values()) place.rouse();
  }

  wakeAll(): void {
    for (const resource of this.#places.keys()) this.wake(resource);
  }

  #like({ needs }: Line): Newcomers {
    return this.#slots.find(({ slot }) => slot === needs.slot) as Newcomers;
  }

  #placeOf(resource: string, line: Line): Place {
    const places = getOrMake(this.#places, resource, (): Places => new Map());
    const bySlot = getOrMake(places, line.parent, () => new Map<Slot | null, Place>());
    return getOrMake(bySlot, line.needs.slot, () => new Place(resource, this.#like(line).woken));
  }

  #forget(resource: string, { parent, needs }: Line): void {
    const places = this.#places.get(resource);
    const bySlot = places?.get(parent);
    bySlot?.delete(needs.slot);
    if (bySlot?.size === 0) places?.delete(parent);
    if (places?.size === 0) this.#places.delete(resource);
  }
}

/** Those who need one kind of slot: where they begin, and all places where one may be able to start. */
interface Newcomers {
  readonly slot: Slot | null;
  readonly woken: Woken;
  readonly place: Place;
}

function newcomers(slot: Slot | null): Newcomers {
  const woken: Woken = new SortedList(inTurn);
  return { slot, woken, place: new Place(null, woken) };
}

const wantsAlone = ({ exclusive, claims }: Needs, resource: string): boolean =>
  resource === machine
    ? exclusive
    : claims.some((claim) => claim.exclusive && resourceOf(claim) === resource);
