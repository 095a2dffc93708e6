// How a simulated device is told to misbehave: from the profile, or by a test through `setFaults`.
import { z } from "zod";
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Trouble } from "../../device.ts";
import { wait } from "../../wait.ts";

/** Of a way, or of the time a call takes. */
const part = z.number().min(0).max(1).optional();

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
    stall_at: part.describe("An axis gets this far on its way and no further; it ends in DEVICE_TIMEOUT"),
    limit_at: part.describe("An axis runs into its end switch this far on its way: LIMIT_HIT"),
    lost_steps: part.describe("So much of every way is lost, and nobody notices before it is homed"),
    disconnect_at: part.describe("The connection is lost this far into a call, until it is reconnected"),
    after_calls: z.int().min(0).optional().describe("The faults begin after this many good calls"),
  })
  .describe("Makes a simulated device misbehave, to see what the rest does");

export type Faults = z.output<typeof faultOptions>;

/** What tests find on every simulated device. */
export interface Faultable {
  /** Replaces the faults; `{}` mends the device. */
  setFaults(faults: Faults): void;
}

/** How one call goes wrong. */
interface Course {
  readonly slowFactor: number;
  readonly hangs: boolean;
  /** What happens on the way, and where: 0 to 1. */
  readonly snag: { readonly by: "stall" | "limit" | "disconnect"; readonly at: number } | null;
  /** 0 to 1 */
  readonly lostSteps: number;
}

const well: Course = { slowFactor: 1, hangs: false, snag: null, lostSteps: 0 };

export class FaultPlan {
  readonly #device: string;
  #faults: Faults;
  #calls = 0;
  #lost: Trouble | null = null;

  constructor(device: string, faults: Faults = {}) {
    this.#device = device;
    this.#faults = faults;
  }

  /** What is wrong with the connection, or null. */
  get lost(): Trouble | null {
    return this.#lost;
  }

  set(faults: Faults): void {
    this.#faults = faults;
    this.#calls = 0;
    this.#lost = null;
  }

  /** The device does not come up. @throws DEVICE_FAILED */
  open(): void {
    if (this.#faults.open !== undefined) throw this.#failed(this.#faults.open);
  }

  /** From here on the device is out of reach. @returns what the call that was under way fails with */
  disconnect(): RuntimeError {
    const remedy = `POST /devices/${this.#device}/reconnect connects it again.`;
    this.#lost = { problem: "the connection was lost", remedy };
    return this.#failed(this.#lost.problem, remedy);
  }

  /** Null where it obeys an emergency stop, else how it does not: rejects, or never answers. */
  stop(): Promise<never> | null {
    if (this.#faults.stop === "hangs") return new Promise(() => undefined);
    if (this.#faults.stop !== "fails") return null;
    const details = { device: this.#device, problem: "it does not obey the stop" };
    return Promise.reject(new RuntimeError("DEVICE_FAILED", details));
  }

  /** How the next call goes. @throws DEVICE_FAILED */
  call(): Course {
    if (this.#lost) throw this.#failed(this.#lost.problem, this.#lost.remedy);
    if (this.#calls++ < (this.#faults.after_calls ?? 0)) return well;
    const { fail, slow_factor = 1, hang = false, lost_steps = 0 } = this.#faults;
    if (fail !== undefined) throw this.#failed(fail);
    return { slowFactor: slow_factor, hangs: hang, snag: this.#snag(), lostSteps: lost_steps };
  }

  #snag(): Course["snag"] {
    const { stall_at, limit_at, disconnect_at } = this.#faults;
    if (stall_at !== undefined) return { by: "stall", at: stall_at };
    if (limit_at !== undefined) return { by: "limit", at: limit_at };
    return disconnect_at === undefined ? null : { by: "disconnect", at: disconnect_at };
  }

  /**
   * A call that takes `ms`, and as its faults have it.
   * @throws DEVICE_FAILED, the signal's reason, or DEVICE_TIMEOUT when it takes `timeoutSeconds` longer than it should
   */
  async pace(clock: Clock, ms: number, timeoutSeconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { slowFactor, hangs, snag } = this.call();
    const needsMs = hangs ? Number.POSITIVE_INFINITY : ms * slowFactor;
    const mostMs = ms + timeoutSeconds * 1000;
    if (snag?.by === "disconnect") {
      await wait(clock, snag.at * ms, signal);
      throw this.disconnect();
    }
    await wait(clock, Math.min(needsMs, mostMs), signal);
    if (needsMs > mostMs)
      throw new RuntimeError("DEVICE_TIMEOUT", { device: this.#device, timeout_seconds: mostMs / 1000 });
  }

  #failed(problem: string, remedy?: string): RuntimeError {
    return new RuntimeError("DEVICE_FAILED", { device: this.#device, problem, ...(remedy && { remedy }) });
  }
}
