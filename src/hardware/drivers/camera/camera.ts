// What all real cameras share: one photo at a time, each with a limit, and what comes out of it is an image.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import { isoTime } from "../../../lib/clock.ts";
import { deferred } from "../../../lib/deferred.ts";
import type { Capability, CaptureOptions, Capturing, Photo } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice, Trouble } from "../../device.ts";
import { within } from "../../within.ts";
import { isCutShort } from "./cut-short.ts";
import { imageKindOf } from "./image-kind.ts";
import type { ExposureOptions } from "./options.ts";
import type { Exposure } from "./placeholders.ts";

/** What a camera has given. */
export interface Shot {
  readonly bytes: Uint8Array;
  /** What its file is called, where it has one. */
  readonly name?: string;
}

/** How long a photo that was given up may take to come to its end before nobody waits for it, in milliseconds. */
const graceMs = 6000;

export abstract class RealCamera implements OpenDevice, Capturing {
  readonly name: string;
  readonly driver: string;
  readonly capabilities: readonly Capability[] = ["capturing"];
  readonly isStopped = false;
  protected readonly context: DriverContext;
  readonly #options: ExposureOptions;
  #current: { readonly abort: AbortController; readonly ended: Promise<unknown> } | null = null;

  constructor(options: ExposureOptions, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.context = context;
    this.#options = options;
  }

  get doing(): string | null {
    return this.#current && "taking a photo";
  }

  /** Takes one photo. Rejects soon after the signal is aborted; until it settles the camera is busy. */
  protected abstract take(exposure: Exposure, signal: AbortSignal): Promise<Shot>;

  /** @throws DEVICE_BUSY, DEVICE_FAILED, DEVICE_TIMEOUT, or the signal's reason */
  async capture(options: CaptureOptions = {}): Promise<Photo> {
    options.signal?.throwIfAborted();
    const exposure = {
      exposureMs: options.exposureMs ?? this.#options.exposure_ms,
      gain: options.gain ?? this.#options.gain,
    };
    const takenAt = isoTime(this.context.clock.now());
    const { bytes, name } = await this.#limited(exposure, options.signal);
    const kind = imageKindOf(bytes, name);
    if (!kind) this.fail(`what it gave is no image: ${beginningOf(bytes)}`);
    if (isCutShort(bytes, kind)) this.fail(`its photo was cut short: ${bytes.length} bytes of ${kind.type}`);
    return { bytes, ...kind, takenAt, ...exposure };
  }

  async close(): Promise<void> {
    this.#current?.abort.abort(this.trouble("it was let go of"));
    await this.#current?.ended;
  }

  async #limited(exposure: Exposure, given?: AbortSignal): Promise<Shot> {
    if (this.#current) throw new RuntimeError("DEVICE_BUSY", { device: this.name, doing: this.doing });
    const { clock } = this.context;
    const seconds = exposure.exposureMs / 1000 + this.#options.timeout_seconds;
    const abort = new AbortController();
    const late = new RuntimeError("DEVICE_TIMEOUT", { device: this.name, timeout_seconds: seconds });
    const timer = clock.after(seconds * 1000, () => abort.abort(late));
    const signal = given ? AbortSignal.any([given, abort.signal]) : abort.signal;
    const shot = this.take(exposure, signal);
    const ended = shot
      .catch(() => undefined)
      .then(() => {
        timer.cancel();
        this.#current = null;
        this.context.changed();
      });
    this.#current = { abort, ended };
    this.context.changed();
    const abandoned = deferred<unknown>();
    signal.addEventListener("abort", () => abandoned.resolve(within(clock, graceMs, () => ended)));
    await Promise.race([ended, abandoned.promise]);
    signal.throwIfAborted();
    return shot;
  }

  protected trouble(problem: string, remedy?: string, cause?: unknown): RuntimeError {
    return new RuntimeError(
      "DEVICE_FAILED",
      { device: this.name, problem, ...(remedy && { remedy }) },
      { cause },
    );
  }

  protected fail(problem: string, remedy?: string): never {
    throw this.trouble(problem, remedy);
  }
}

/** Refuses to open. */
export function cannotOpen({ name }: DriverContext, { problem, remedy }: Trouble): never {
  throw new RuntimeError("DEVICE_FAILED", { device: name, problem, remedy });
}

/** As a person can read it: text as text, anything else in hexadecimal. */
export function beginningOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return "nothing at all";
  const begin = Buffer.from(bytes.subarray(0, 60));
  const text = begin.toString("latin1").replace(/\s+/g, " ");
  const shown = /^[\x20-\x7e]+$/.test(text) ? `'${text}'` : begin.subarray(0, 12).toString("hex");
  return `${bytes.length} bytes that begin with ${shown}`;
}
