// One controller and all devices on it: opened with the first, closed with the last, opened again when its line is lost.

import type { Clock, Timer } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { DriverContext } from "../../device.ts";
import { ControllerError, failed } from "./controller-error.ts";
import type { Firmware } from "./firmware.ts";
import type { ControllerOptions } from "./options.ts";
import { openSession, type Session } from "./session.ts";

/** How long after its loss a line is opened again; the last one for ever. */
const retryMs = [500, 1000, 2000, 4000, 8000, 16_000, 30_000];

export interface Member {
  /** Refuses to move until it is released. */
  isStopped: boolean;
  /** What the device shows has changed. */
  changed(): void;
  /** The controller was lost: outputs are off, or nobody knows. */
  lost(): void;
}

export class Controller {
  readonly options: ControllerOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #members = new Set<Member>();
  #session: Session | null = null;
  #fault: ControllerError | null = null;
  #opening: Promise<Session> | null = null;
  #closing: Promise<void> | null = null;
  #halting: Promise<void> | null = null;
  #retry: Timer | null = null;
  #losses = 0;

  constructor(options: ControllerOptions, { clock, log }: Pick<DriverContext, "clock" | "log">) {
    this.options = options;
    this.#clock = clock;
    this.#log = log;
  }

  /** Why it does not work just now, or null. */
  get fault(): ControllerError | null {
    return this.#fault;
  }

  /** Being closed: a later device needs another one. */
  get gone(): Promise<void> | null {
    return this.#closing;
  }

  /** @throws ControllerError where it is lost */
  get session(): Pick<Session, "firmware" | "turns"> {
    if (!this.#session)
      throw this.#fault ?? failed("it is not connected", "POST /devices/{device}/reconnect.");
    return this.#session;
  }

  /** What is known of the controller while it is there. */
  get firmware(): Firmware | null {
    return this.#session?.firmware ?? null;
  }

  /** Opens it where it is not open. @throws ControllerError; then nobody has joined */
  async join(member: Member): Promise<void> {
    this.#members.add(member);
    try {
      if (!this.#session) await this.#open();
    } catch (error) {
      await this.leave(member);
      throw error;
    }
  }

  /** The last one closes it. Twice without harm. */
  async leave(member: Member): Promise<void> {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** One device is stopped: others may go on; with the last of them everything is halted. @throws ControllerError */
  async stop(member: Member): Promise<void> {
    member.isStopped = true;
    if ([...this.#members].every(({ isStopped }) => isStopped)) await this.halt();
    else if (this.#fault) throw this.#fault;
  }

  /** Emergency: what moves is told before this returns. @throws ControllerError where it does not obey */
  halt(): Promise<void> {
    const { firmware, turns } = this.session;
    turns.giveUpAll(new ControllerError("STOPPED"));
    this.#halting ??= firmware.halt().finally(() => {
      this.#halting = null;
    });
    return this.#halting;
  }

  #open(): Promise<Session> {
    this.#retry?.cancel();
    this.#opening ??= this.#connect()
      .catch((error: unknown) => {
        if (this.#fault) this.#retryLater();
        throw error;
      })
      .finally(() => {
        this.#opening = null;
      });
    return this.#opening;
  }

  async #connect(): Promise<Session> {
    let session: Session | null = null;
    session = await openSession(this.options, this.#clock, this.#log, {
      changed: () => this.#tell(),
      gone: (error) => {
        if (session && this.#session === session) this.#lose(error);
      },
    });
    const { port } = this.options;
    this.#session = session;
    if (this.#fault) this.#log.info({ port }, "a controller is connected again");
    [this.#fault, this.#losses] = [null, 0];
    this.#tell();
    return session;
  }

  #lose(error: ControllerError): void {
    const session = this.#session;
    if (!session) return;
    const { port } = this.options;
    this.#session = null;
    this.#fault = error;
    this.#log.warn({ port, problem: error.message }, "a controller was lost");
    // Should it still listen, it stops what it is doing.
    session.firmware.brake();
    session.firmware.end(error);
    session.turns.giveUpAll(error);
    void session.line.close();
    for (const member of this.#members) member.lost();
    this.#tell();
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#members.size === 0) return;
    const ms = retryMs[Math.min(this.#losses++, retryMs.length - 1)] ?? 0;
    this.#retry = this.#clock.after(ms, () => {
      this.#open().catch((error: unknown) => {
        this.#log.debug({ port: this.options.port, problem: String(error) }, "a controller is still lost");
      });
    });
  }

  async #close(): Promise<void> {
    this.#retry?.cancel();
    await this.#opening?.catch(() => undefined);
    const session = this.#session;
    this.#session = null;
    session?.firmware.end(failed("it was closed", "POST /devices/{device}/reconnect."));
    await session?.line.close();
  }

  #tell(): void {
    for (const member of this.#members) member.changed();
  }
}
