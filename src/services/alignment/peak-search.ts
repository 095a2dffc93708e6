// The search for the most light: a field where there is none, then summits along the axes, round by round.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { inUnit } from "../../hardware/axis.ts";
import type { Clock } from "../../lib/clock.ts";
import type { FoundPeak, PeakSearch } from "../../task/alignment.ts";
import { type Searched, searched } from "./axes.ts";
import { Field } from "./field.ts";
import { Following } from "./following.ts";
import type { Line } from "./line.ts";
import { type Measured, Probe } from "./probe.ts";
import { clamp } from "./range.ts";
import { isSignificantlyAbove, type Reading } from "./reading.ts";
import { summitOf } from "./summit.ts";
import type { Summit } from "./top.ts";

/** A point shows light when its mean is above nothing by so many standard errors. */
const lightInErrors = 6;
/** The share of the way that looking for a field is. */
const fieldPercent = 30;
/** What most searches need. */
const usualRounds = 3;

interface Round {
  /** No axis made a difference. */
  readonly isFlat: boolean;
  /** No axis has moved by more than its tolerance, or than is known of its place. */
  readonly isSettled: boolean;
}

export class PeakSearching {
  readonly #search: PeakSearch;
  readonly #axes: readonly Searched[];
  /** Where to look if there is no light; null where nobody shall. */
  readonly #field: Field | null;
  readonly #probe: Probe;
  readonly #summits = new Map<string, Summit | null>();
  #lines = 0;

  constructor(search: PeakSearch, clock: Clock) {
    this.#search = search;
    this.#axes = search.axes.map(searched);
    const stranger = search.field?.axes.find((name) => !this.#axes.some((one) => one.name === name));
    if (stranger !== undefined) throw new Error(`The field names ${stranger}, which is none of the axes.`);
    const { field } = search;
    const inField = this.#axes.filter(({ name }) => field?.axes.includes(name));
    this.#field = field && new Field(inField, field.pitch);
    this.#probe = new Probe({ ...search, axes: this.#axes, clock });
  }

  async *run(): Measured<FoundPeak> {
    const probe = this.#probe;
    probe.enter("MeasuringNoise", "Measuring the noise");
    const start = probe.positions;
    const begun = yield* probe.measureNoise();
    const isLit = this.#isLight(begun) || (yield* this.#findField(begun));
    let round = isLit ? yield* this.#round(1) : null;
    // Something shines the same everywhere: the light that matters may be further away.
    if (round?.isFlat && (yield* this.#findField(begun))) round = yield* this.#round(1);
    if (round === null || round.isFlat) throw await this.#noSignal();
    let rounds = 1;
    while (!round.isSettled && rounds < this.#search.rounds) round = yield* this.#round(++rounds);
    probe.enter("Confirming", "Measuring the power at the peak");
    probe.reached(100);
    const { powerUw } = yield* probe.at({});
    return {
      ...{ positions: probe.positions, powerUw, start: { positions: start, powerUw: begun.powerUw } },
      uncertainties: Object.fromEntries(
        Array.from(this.#summits, ([name, summit]) => [name, summit?.uncertainty ?? null]),
      ),
      atRangeEnd: [...this.#summits].flatMap(([name, summit]) =>
        summit?.uncertainty === null ? [name] : [],
      ),
      ...{ isSettled: round.isSettled, rounds },
      ...{ points: probe.points, elapsedSeconds: probe.elapsedSeconds },
    };
  }

  #isLight({ powerUw, errorUw }: Reading): boolean {
    return powerUw > (this.#search.thresholdUw ?? lightInErrors * errorUw);
  }

  /** Stands in some light when it returns true, where it began when it returns false. */
  async *#findField(begun: Reading): Measured<boolean> {
    if (this.#field === null) return false;
    const probe = this.#probe;
    probe.enter("SearchingField", "Searching for light");
    const shines = (reading: Reading): boolean =>
      this.#isLight(reading) && isSignificantlyAbove(reading, begun);
    for (const { place, share } of this.#field.places()) {
      probe.reached(fieldPercent * share);
      // Among hundreds of points one may be bright by chance: it is looked at twice.
      if (shines(yield* probe.at(place)) && shines(yield* probe.at(place))) return true;
    }
    await this.#goBack();
    return false;
  }

  /** Each axis once. */
  async *#round(number: number): Measured<Round> {
    const probe = this.#probe;
    const expected = Math.max(usualRounds, number) * this.#axes.length;
    let [isFlat, isSettled] = [true, true];
    for (const one of this.#axes) {
      const { name, tolerance } = one;
      const here = probe.positions;
      const before = here[name] as number;
      probe.enter(`Adjusting${capital(name)}`, `Adjusting ${capital(name)} axis`);
      const summit = yield* summitOf(this.#lineAlong(one));
      this.#summits.set(name, summit);
      // An axis that makes no difference stays where it was, and so do those that followed it.
      if (summit === null) await probe.moveTo(here);
      else isFlat = false;
      const way = Math.abs((summit?.at ?? before) - before);
      if (way > Math.max(tolerance, 3 * (summit?.uncertainty ?? 0))) isSettled = false;
      const share = ++this.#lines / Math.max(expected, this.#lines + 1);
      probe.reached(fieldPercent + (100 - fieldPercent) * share);
    }
    return { isFlat, isSettled };
  }

  #lineAlong({ name, range, step, tolerance }: Searched): Line {
    const followers = this.#axes.filter(({ isFollower }) => isFollower);
    const isFollowed = followers.length > 0 && !followers.some((one) => one.name === name);
    const following = isFollowed ? new Following(this.#probe, name, followers) : null;
    return {
      ...{ start: clamp(this.#probe.positions[name] as number, range), ...range, step, tolerance },
      measure: (at) => following?.at(at) ?? this.#probe.at({ [name]: at }),
    };
  }

  #goBack(): Promise<void> {
    return this.#probe.moveTo(Object.fromEntries(this.#axes.map(({ name, start }) => [name, start])));
  }

  async #noSignal(): Promise<RuntimeError> {
    const { best, noiseUw } = this.#probe;
    await this.#goBack();
    const searched = this.#axes.map(
      ({ name, axis, range }) =>
        `${name} ${Number(range.min.toPrecision(6))} to ${inUnit(range.max, axis.unit)}`,
    );
    return new RuntimeError("NO_SIGNAL", {
      searched: searched.join(", "),
      best_power_uw: Number(best.powerUw.toPrecision(3)),
      noise_uw: Number(noiseUw.toPrecision(3)),
      best_positions: best.positions,
    });
  }
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
