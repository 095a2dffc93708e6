// One move of one axis under way: where it began, where it goes, how far it has come. Looked at by whoever awaits it.
import { wayBetween, wrap } from "../hardware/trapezoid.ts";
import type { Clock } from "../lib/clock.ts";
import { type Deferred, deferred } from "../lib/deferred.ts";
import type { Axis } from "../task/devices.ts";
import type { Movement, MoveRequest } from "../task/services.ts";

/** Brings the axis to a place; resolves when it stands there, rejects with the signal's reason when it stands still. */
export type Go = (target: number, signal: AbortSignal) => Promise<void>;

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
  #step = new AbortController();
  /** While it is held: `still` when it stands, `goesOn` when it is let go. */
  #held: { readonly still: Deferred<void>; readonly goesOn: Deferred<void> } | null = null;

  /** It begins at once. */
  constructor(axis: Axis, ways: Ways, clock: Clock, go: Go) {
    this.axis = axis;
    this.start = axis.position;
    this.target = ways.target;
    this.requested = ways.way;
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

  async hold(): Promise<void> {
    this.#held ??= { still: deferred(), goesOn: deferred() };
    this.#step.abort(hold);
    await Promise.race([this.#held.still.promise, this.ended.catch(() => undefined)]);
  }

  goOn(): void {
    if (!this.#held) return;
    this.#step = new AbortController();
    this.#held.goesOn.resolve();
    this.#held = null;
  }

  async #run({ way, legs, target }: Ways, go: Go): Promise<void> {
    for (let leg = 1; leg <= legs; leg++) {
      await this.#leg(leg === legs ? target : wrap(this.start + (way * leg) / legs), go);
      this.#behind = (way * leg) / legs;
      this.#legStart = this.axis.position;
    }
  }

  /** As often as it is held it begins anew from where it stands. */
  async #leg(target: number, go: Go): Promise<void> {
    for (;;) {
      try {
        return await go(target, this.#step.signal);
      } catch (error) {
        if (error !== hold) throw error;
        this.#held?.still.resolve();
        await this.#held?.goesOn.promise;
      }
    }
  }
}

const hold = new Error("The move is held.");

interface Ways {
  readonly target: number;
  /** Signed. */
  readonly way: number;
  /** Equal parts of the way, one after the other; 1 but for a continuous axis that goes far. */
  readonly legs: number;
}

export function waysOf({ position: start, isContinuous }: Axis, request: MoveRequest): Ways {
  const placed = (target: number): number => (isContinuous ? wrap(target) : target);
  if ("position" in request) {
    const target = placed(request.position);
    return { target, way: wayBetween(start, target, isContinuous), legs: 1 };
  }
  const { distance: way } = request;
  const legs = isContinuous ? Math.max(1, Math.ceil(Math.abs(way) / longestLegDegrees)) : 1;
  return { target: placed(start + way), way, legs };
}
