// How a simulated device is told to misbehave: from the profile, or by a test through `setFaults`.
import { z } from "zod";
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Clock } from "../../../lib/clock.ts";
import { wait } from "../../wait.ts";

export const faultOptions = z
  .strictObject({
    open: z.string().optional().describe("It cannot be opened, for this reason"),
    fail: z.string().optional().describe("Every call fails with this problem"),
    slow_factor: z.number().min(1).optional().describe("Every call takes this many times as long"),
    hang: z.boolean().optional().describe("Calls never answer; they end in DEVICE_TIMEOUT"),
    stop: z
      .enum(["fails", "hangs"])
      .optional()
      .describe("An axis does not obey an emergency stop: it says so, or says nothing"),
    after_calls: z.int().min(0).optional().describe("The faults begin after this many good calls"),
  })
  .describe("Makes a simulated device misbehave, to see what the rest does");

export type Faults = z.output<typeof faultOptions>;

/** What tests find on every simulated device. */
export interface Faultable {
  /** Replaces the faults; `{}` mends the device. */
  setFaults(faults: Faults): void;
}

export class FaultPlan {
  readonly #device: string;
  #faults: Faults;
  #calls = 0;

  constructor(device: string, faults: Faults = {}) {
    this.#device = device;
    this.#faults = faults;
  }

  set(faults: Faults): void {
    this.#faults = faults;
    this.#calls = 0;
  }

  /** The device does not come up. @throws DEVICE_FAILED */
  open(): void {
    if (this.#faults.open !== undefined) this.#fail(this.#faults.open);
  }

  /** Null where it obeys an emergency stop, else how it does not: rejects, or never answers. */
  stop(): Promise<never> | null {
    if (this.#faults.stop === "hangs") return new Promise(() => undefined);
    if (this.#faults.stop !== "fails") return null;
    const details = { device: this.#device, problem: "it does not obey the stop" };
    return Promise.reject(new RuntimeError("DEVICE_FAILED", details));
  }

  /** How the next call misbehaves. @throws DEVICE_FAILED */
  call(): { slowFactor: number; hangs: boolean } {
    if (this.#calls++ < (this.#faults.after_calls ?? 0)) return { slowFactor: 1, hangs: false };
    if (this.#faults.fail !== undefined) this.#fail(this.#faults.fail);
    return { slowFactor: this.#faults.slow_factor ?? 1, hangs: this.#faults.hang ?? false };
  }

  /**
   * A call that takes `ms`, and as its faults have it.
   * @throws DEVICE_FAILED, the signal's reason, or DEVICE_TIMEOUT when it takes `timeoutSeconds` longer than it should
   */
  async pace(clock: Clock, ms: number, timeoutSeconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { slowFactor, hangs } = this.call();
    const needsMs = hangs ? Number.POSITIVE_INFINITY : ms * slowFactor;
    const mostMs = ms + timeoutSeconds * 1000;
    await wait(clock, Math.min(needsMs, mostMs), signal);
    if (needsMs > mostMs)
      throw new RuntimeError("DEVICE_TIMEOUT", { device: this.#device, timeout_seconds: mostMs / 1000 });
  }

  #fail(problem: string): never {
    throw new RuntimeError("DEVICE_FAILED", { device: this.#device, problem });
  }
}
