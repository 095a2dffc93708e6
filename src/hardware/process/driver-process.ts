// A process of a driver's own, for native code: a call that hangs or crashes there takes nobody along, because a process
// can be ended where a thread inside a native call cannot. It ends with the runtime.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { type Deferred, deferred } from "../../lib/deferred.ts";
import { type Child, type ChildEnd, startChild } from "../../lib/processes/child.ts";
import { withoutSecrets } from "../../lib/processes/environment.ts";
import type { DriverContext } from "../device.ts";
import type { Calls, Gives, Takes, Told } from "./protocol.ts";

export interface DriverProcessOptions {
  /** Opens its channel, then answers (inside.ts). */
  readonly entry: URL;
  readonly onNews?: (news: unknown) => void;
  /** It ended though nobody had asked it to. */
  readonly onLost?: (problem: string) => void;
}

export class DriverProcess<C extends Calls> {
  readonly #device: string;
  readonly #child: Child;
  readonly #asked = new Map<number, Deferred<unknown>>();
  #lastId = 0;
  /** Why it answers nothing any more. */
  #over: string | null = null;

  /** @throws DEVICE_FAILED where the system refuses another process */
  static async start<C extends Calls>(
    context: DriverContext,
    options: DriverProcessOptions,
  ): Promise<DriverProcess<C>> {
    // What it says may come before there is somebody to hear it.
    const early: Told[] = [];
    let hear = (told: Told): unknown => early.push(told);
    const child = await startChild({
      entry: options.entry,
      env: withoutSecrets(process.env),
      onMessage: (message) => hear(message as Told),
      onLine: (line) => context.log.debug({ device: context.name, line }, "a driver's process wrote"),
    }).catch((error: Error) => {
      const problem = `its process cannot be started: ${error.message}`;
      throw new RuntimeError("DEVICE_FAILED", { device: context.name, problem });
    });
    context.remember(child);
    const started = new DriverProcess<C>(context.name, child, options);
    hear = (told) => started.#hear(told, options);
    for (const told of early) hear(told);
    return started;
  }

  private constructor(device: string, child: Child, { onLost }: DriverProcessOptions) {
    this.#device = device;
    this.#child = child;
    void child.ended.then((end) => {
      const wasExpected = this.#over !== null;
      this.#over ??= `its process has ended${reasonOf(end)}`;
      for (const question of this.#asked.values()) question.reject(this.#failed());
      this.#asked.clear();
      if (!wasExpected) onLost?.(this.#over);
    });
  }

  /** @throws what the call threw there; DEVICE_FAILED where the process has ended */
  ask<K extends keyof C & string>(call: K, argument: Takes<C, K>): Promise<Gives<C, K>> {
    if (this.#over !== null) return Promise.reject(this.#failed());
    const id = ++this.#lastId;
    const answer = deferred<unknown>();
    this.#asked.set(id, answer);
    this.#child.send({ id, call, argument });
    return answer.promise as Promise<Gives<C, K>>;
  }

  /** Sets a number in its shared memory, at once, whatever it does. */
  setNumber(place: number, value: number): void {
    this.#child.setNumber(place, value);
  }

  /** Ends it, whatever it does; resolves when it is gone. @param why what those hear who wait for an answer */
  async end(why = "it was let go of"): Promise<void> {
    this.#over ??= why;
    this.#child.kill();
    await this.#child.ended;
  }

  #hear(told: Told, { onNews }: DriverProcessOptions): void {
    if ("news" in told) {
      onNews?.(told.news);
      return;
    }
    const question = this.#asked.get(told.id);
    this.#asked.delete(told.id);
    if ("code" in told)
      question?.reject(new RuntimeError(told.code, { device: this.#device, ...told.details }));
    else question?.resolve(told.value);
  }

  #failed(): RuntimeError {
    return new RuntimeError("DEVICE_FAILED", {
      device: this.#device,
      problem: this.#over,
      remedy: `POST /devices/${this.#device}/reconnect starts it again.`,
    });
  }
}

function reasonOf({ code, signal, lastErrors }: ChildEnd): string {
  const how = signal ? ` by ${signal}` : ` with code ${code}`;
  const last = lastErrors.at(-1);
  return last ? `${how}: ${last.slice(0, 300)}` : how;
}
