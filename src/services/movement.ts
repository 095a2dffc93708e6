// One move of one axis under way: where it began, where it goes, how far it has come. Looked at by whoever awaits it.
import { wayBetween, wrap } from "../hardware/trapezoid.ts";
import type { Clock } from "../lib/clock.ts";
import { deferred } from "../lib/deferred.ts";
import type { Axis } from "../task/devices.ts";
import type { Movement, MoveRequest } from "../task/services.ts";

/** Of a continuous axis that is told a place: it takes the shorter way, so a longer one is gone in parts. */
const longestLegDegrees = 179;

export class AxisMovement implements Movement {
  readonly axis: Axis;
  readonly start: number;
  readonly target: number;
  readonly requested: number;
  readonly ended: Promise<void>;
  readonly #clock: Clock;
  readonly #startedAt: number;
  /** What the legs that are behind it come to, and where the present one began. */
  #behind = 0;
  #legStart: number;
  #isOver = false;

  /** It begins at once. @param go brings the axis to a place, and resolves when it stands there */
  constructor(axis: Axis, ways: Ways, clock: Clock, go: (target: number) => Promise<void>) {
    this.axis = axis;
    this.start = axis.position;
    this.target = ways.target;
    this.requested = ways.legs.reduce((sum, leg) => sum + leg, 0);
    this.#legStart = this.start;
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
    this.ended = this.#run(ways, go).finally(() => {
      this.#isOver = true;
    });
    // Whoever looks at it first and awaits it later has not let it go.
    this.ended.catch(() => undefined);
  }

  get travelled(): number {
    return this.#behind + wayBetween(this.#legStart, this.axis.position, this.axis.isContinuous);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get elapsedSeconds(): number {
    return (this.#clock.monotonic() - this.#startedAt) / 1000;
  }

  async glance(ms: number): Promise<void> {
    const due = deferred();
    const timer = this.#clock.after(ms, () => due.resolve());
    await Promise.race([due.promise, this.ended.catch(() => undefined)]);
    timer.cancel();
  }

  async #run({ legs, target }: Ways, go: (target: number) => Promise<void>): Promise<void> {
    for (const [index, leg] of legs.entries()) {
      await go(index === legs.length - 1 ? target : wrap(this.#legStart + leg));
      this.#behind += leg;
      this.#legStart = this.axis.position;
    }
  }
}

interface Ways {
  readonly target: number;
  /** One after the other, signed; one alone but for a continuous axis that goes far. */
  readonly legs: readonly number[];
}

export function waysOf({ position: start, isContinuous }: Axis, request: MoveRequest): Ways {
  if ("position" in request)
    return { target: request.position, legs: [wayBetween(start, request.position, isContinuous)] };
  const { distance } = request;
  if (!isContinuous) return { target: start + distance, legs: [distance] };
  const count = Math.max(1, Math.ceil(Math.abs(distance) / longestLegDegrees));
  return { target: wrap(start + distance), legs: Array.from({ length: count }, () => distance / count) };
}
