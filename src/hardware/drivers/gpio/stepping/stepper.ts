// Makes the steps of one motor, one after the other, each at its time. It holds its thread from the first to the last.
import { braking, type Passage, trapezoid } from "../../../trapezoid.ts";
import type { Input, Output } from "../lines.ts";
import { type StepEnd, type StepOrder, type SwitchName, stopPlace } from "./orders.ts";

export interface MotorPins {
  readonly step: Output;
  /** On is up. */
  readonly direction: Output;
  readonly switches: Readonly<Record<SwitchName, Input | null>>;
}

export interface StepperOptions {
  readonly pins: MotorPins;
  readonly pulseUs: number;
  readonly directionSetupUs: number;
  /** Numbers that the axis sets at any time; the last one is a bell. */
  readonly numbers: Int32Array;
  /** Told where it is, every now and then on the way. */
  readonly tell: (position: number) => void;
}

/** A way that began at some time; steps are due in the middle between two places. */
interface Course {
  readonly passage: Passage;
  readonly steps: number;
  done: number;
  /** When it began; later by what the system has held it up. */
  since: number;
  lastDue: number;
}

/** A motor that got no step for so long stands still, in milliseconds. */
const standsAfterMs = 10;
/** Waits are slept through but for so much of them: who has slept is let run sooner than who was busy all the time. */
const spinsMs = 0.3;
/** How often it tells where it is: where there is time for it, and in any case. */
const tellsAfterMs = 50;
const tellsAtLeastAfterMs = 200;
const tellingMs = 0.1;
/** A closed switch is read so often: a long cable beside a motor's picks up its pulses. */
const readings = 3;

const now = (): number => performance.now();

export class Stepper {
  position = 0;
  readonly #options: StepperOptions;
  #toldAt = 0;

  constructor(options: StepperOptions) {
    this.#options = options;
  }

  /** Resolves nothing and waits for nobody: it returns when the motor stands still. @throws GpioFailure */
  go(order: StepOrder): StepEnd {
    const { pins, numbers, directionSetupUs } = this.#options;
    const direction = Math.sign(order.steps);
    const total = Math.abs(order.steps);
    pins.direction.set(direction > 0);
    spinUntil(now() + directionSetupUs / 1000);
    let course = begin(trapezoid(total, order.topSpeed, order.acceleration), total);
    let isStopping = false;
    let [latestMs, restarts] = [0, 0];
    const end = (ended: StepEnd["ended"]): StepEnd => ({
      position: this.position,
      ended,
      latestMs,
      restarts,
    });
    for (;;) {
      const bell = Atomics.load(numbers, numbers.length - 1);
      if (!isStopping && Atomics.load(numbers, stopPlace) >= order.id) {
        isStopping = true;
        course = brakeOf(course, order.acceleration);
      }
      if (course.done >= course.steps) return end(isStopping ? "stopped" : "arrived");
      const due = course.since + course.passage.secondsAt(course.done + 0.5) * 1000;
      const left = due - now();
      if (left > 0) {
        this.#tellWithin(left);
        if (left > spinsMs) {
          const ms = Math.min(left - spinsMs, tellsAtLeastAfterMs);
          Atomics.wait(numbers, numbers.length - 1, bell, ms);
        }
        continue;
      }
      const met = this.#switchOnTheWay(direction, order.until);
      if (met) return end(met);
      // Looked at behind the edge: it may have been held up on the way there, too.
      const lateMs = this.#step(direction) - due;
      course.done++;
      latestMs = Math.max(latestMs, lateMs);
      const rest = course.steps - course.done;
      if (lateMs > standsAfterMs && rest > 0) {
        if (isStopping) return end("stopped");
        restarts++;
        course = begin(trapezoid(rest, order.topSpeed, order.acceleration), rest);
        continue;
      }
      // Held up, it does not hurry: two steps too close together are one too many for the motor.
      const shift = Math.max(0, lateMs - (due - course.lastDue) / 4);
      course.since += shift;
      course.lastDue = due + shift;
    }
  }

  /** @returns when its edge was there at the latest */
  #step(direction: number): number {
    const { pins, pulseUs } = this.#options;
    pins.step.set(true);
    const at = now();
    spinUntil(at + pulseUs / 1000);
    pins.step.set(false);
    this.position += direction;
    return at;
  }

  #switchOnTheWay(direction: number, until: StepOrder["until"]): "found" | "limit" | null {
    const { switches } = this.#options.pins;
    if (until && isClosed(switches[until.switch]) === until.isClosed) return "found";
    return isClosed(direction > 0 ? switches.max : switches.min) ? "limit" : null;
  }

  #tellWithin(ms: number): void {
    const since = now() - this.#toldAt;
    if (since < tellsAfterMs || (ms < tellingMs && since < tellsAtLeastAfterMs)) return;
    this.#toldAt = now();
    this.#options.tell(this.position);
  }
}

function begin(passage: Passage, steps: number): Course {
  const since = now();
  return { passage, steps, done: 0, since, lastDue: since };
}

/** From the speed it has now to standstill. */
function brakeOf({ passage, steps, done, since }: Course, acceleration: number): Course {
  const speed = passage.speedAt((now() - since) / 1000);
  const needed = Math.floor(speed ** 2 / (2 * acceleration));
  return begin(braking(speed, acceleration), Math.min(needed, steps - done));
}

function isClosed(input: Input | null): boolean {
  if (!input) return false;
  for (let reading = 0; reading < readings; reading++) if (!input.get()) return false;
  return true;
}

function spinUntil(time: number): void {
  while (now() < time);
}
