// The stepping process of one axis, seen from the runtime: orders steps, stops them, and ends a process that does not
// answer. Counts in steps.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Timer } from "../../../lib/clock.ts";
import type { DriverContext, Trouble } from "../../device.ts";
import { DriverProcess } from "../../process/driver-process.ts";
import { within } from "../../within.ts";
import {
  type MotorWiring,
  type StepEnd,
  type StepOrder,
  type SteppingCalls,
  type SteppingNews,
  stopPlace,
} from "./stepping/orders.ts";

/** How long after its braking time a process may be silent, in milliseconds. */
const silenceMs = 1000;
/** How long it may take to let go of its pins. */
const farewellMs = 2000;

export class Drive {
  readonly #context: DriverContext;
  readonly #line: DriverProcess<SteppingCalls>;
  #position: number;
  #fault: Trouble | null = null;
  #orders = 0;
  #isGoing = false;
  #onNews: () => void = () => undefined;
  /** Ends the process, should it not stand still by then. */
  #patience: Timer | null = null;
  /** The process is gone: nobody knows where the motor stands. */
  onLost: () => void = () => undefined;

  private constructor(context: DriverContext, line: DriverProcess<SteppingCalls>, position: number) {
    this.#context = context;
    this.#line = line;
    this.#position = position;
  }

  /** @param position where the motor is taken to stand @throws DEVICE_FAILED with what to do */
  static async start(context: DriverContext, wiring: MotorWiring, position: number): Promise<Drive> {
    let drive: Drive | null = null;
    const line = await DriverProcess.start<SteppingCalls>(context, {
      entry: new URL("./stepping/entry.mjs", import.meta.url),
      onNews: (news) => {
        if (drive) drive.#hear(news as SteppingNews);
      },
      onLost: (problem) => {
        if (drive) drive.#lost(problem);
      },
    });
    try {
      const version = await line.ask("open", { wiring, position });
      context.log.info({ device: context.name, libgpiod: version }, "an axis has its pins");
    } catch (error) {
      await line.end();
      throw error;
    }
    drive = new Drive(context, line, position);
    return drive;
  }

  /** By the steps that were made. */
  get position(): number {
    return this.#position;
  }

  get fault(): Trouble | null {
    return this.#fault;
  }

  /**
   * Resolves when the motor stands still, however long the system makes that take.
   * @param silenceSeconds a process that says nothing for so long is ended
   * @throws DEVICE_TIMEOUT, DEVICE_FAILED
   */
  async go(order: Omit<StepOrder, "id">, silenceSeconds: number): Promise<StepEnd> {
    const { name: device, clock } = this.#context;
    let isSilent = false;
    const listen = (): Timer =>
      clock.after(silenceSeconds * 1000, () => {
        isSilent = true;
        this.#cutOff();
      });
    let watchdog = listen();
    this.#onNews = () => {
      watchdog.cancel();
      watchdog = listen();
    };
    this.#isGoing = true;
    try {
      const end = await this.#line.ask("go", { id: ++this.#orders, ...order });
      this.#position = end.position;
      if (end.restarts > 0) this.#tellOfDelay(end);
      return end;
    } catch (error) {
      throw isSilent
        ? new RuntimeError("DEVICE_TIMEOUT", { device, timeout_seconds: silenceSeconds })
        : error;
    } finally {
      this.#onNews = () => undefined;
      watchdog.cancel();
      this.#isGoing = false;
      this.#patience?.cancel();
      this.#patience = null;
    }
  }

  /** The steps that are made right now come to their end. @param ms how long that takes at most */
  brake(ms: number): void {
    if (!this.#isGoing) return;
    this.#line.setNumber(stopPlace, this.#orders);
    this.#patience ??= this.#context.clock.after(ms + silenceMs, () => this.#cutOff());
  }

  /** From now on the motor stands there. @throws DEVICE_FAILED */
  async count(position: number): Promise<void> {
    await this.#line.ask("count", position);
    this.#position = position;
  }

  /** Takes the current off the motor, and lets go of its pins. */
  async close(): Promise<void> {
    // Rejects where the process is gone already.
    await within(this.#context.clock, farewellMs, () => this.#line.ask("close", null)).catch(() => undefined);
    await this.#line.end();
  }

  #hear({ position }: SteppingNews): void {
    this.#position = position;
    this.#onNews();
  }

  /** Without a process there are no steps: the last means, when it does not answer. */
  #cutOff(): void {
    const problem = "its stepping process did not answer and was ended";
    this.#lost(problem);
    void this.#line.end(problem);
  }

  #lost(problem: string): void {
    const { name } = this.#context;
    this.#fault = {
      problem,
      remedy: `It may stand a little further on than it says: POST /devices/${name}/reconnect, then home it.`,
    };
    this.onLost();
  }

  #tellOfDelay({ latestMs, restarts }: StepEnd): void {
    this.#context.log.warn(
      { device: this.#context.name, latest_ms: Math.round(latestMs), restarts },
      "the system held up the steps of a motor, which had to start again from standstill",
    );
  }
}
