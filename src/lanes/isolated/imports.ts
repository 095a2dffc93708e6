// The objects of the runtime as a task in a child has them: what is read is the latest the child was told, what is
// called answers with a promise.
import { type Failure, RuntimeError, sentenceOf } from "../../errors/runtime-error.ts";
import type { Outcome, Shape } from "../protocol.ts";
import { receivedError } from "../sent-failure.ts";
import type { ChildLine } from "./line.ts";

type Properties = Record<string, unknown>;

/** Somebody may stand between a task and its object, and show another value. */
const open = { configurable: true, enumerable: true };

export class Imports {
  readonly #line: ChildLine;
  readonly #properties = new Map<string, Properties>();

  constructor(line: ChildLine) {
    this.#line = line;
  }

  /** @param signal of every call, beside one of its own; when it is aborted the call is taken back */
  object(key: string, shape: Shape, signal?: () => AbortSignal): object {
    if (shape.failure) return refusing(shape.failure);
    const object = {};
    const properties = { ...shape.properties };
    this.#properties.set(key, properties);
    for (const name of Object.keys(properties))
      Object.defineProperty(object, name, { ...open, get: () => properties[name] });
    for (const method of shape.methods)
      Object.defineProperty(object, method, {
        ...open,
        value: (...given: unknown[]) => this.#invoke(key, method, given, signal),
      });
    return object;
  }

  changed(key: string, properties: Readonly<Properties>): void {
    Object.assign(this.#properties.get(key) ?? {}, properties);
  }

  async #invoke(
    object: string,
    method: string,
    given: readonly unknown[],
    usual?: () => AbortSignal,
  ): Promise<unknown> {
    const { values, own } = withoutSignal(given);
    const signal = joined(own, usual?.());
    const order = { type: "invoke", object, method, arguments: values } as const;
    let leave = (): void => undefined;
    const outcome = await this.#asked(() =>
      this.#line.ask({ ...order, isTakenBack: signal?.aborted ?? false }, (number) => {
        const takeBack = (): void => this.#line.send({ type: "take_back", number });
        signal?.addEventListener("abort", takeBack, { once: true });
        leave = () => signal?.removeEventListener("abort", takeBack);
      }),
    ).finally(() => leave());
    if (!outcome.ok)
      throw outcome.takenBack && signal?.aborted ? signal.reason : receivedError(outcome.failure);
    return "object" in outcome ? this.object(outcome.object, outcome.shape) : outcome.value;
  }

  async #asked(ask: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await ask();
    } catch (error) {
      throw new RuntimeError("CALL_NOT_SERIALIZABLE", { path: "an argument", found: sentenceOf(error) });
    }
  }
}

const joined = (own: AbortSignal | null, usual: AbortSignal | undefined): AbortSignal | undefined =>
  own && usual ? AbortSignal.any([own, usual]) : (own ?? usual);

function refusing(failure: Failure): object {
  const get = (_: object, property: string | symbol): undefined => {
    if (typeof property === "string") throw receivedError(failure);
  };
  return new Proxy({}, { get });
}

/** Signals do not travel: the one a task gives of its own is listened to here. */
function withoutSignal(given: readonly unknown[]): { values: unknown[]; own: AbortSignal | null } {
  let own: AbortSignal | null = null;
  const values = given.map((value) => {
    if (typeof value !== "object" || value === null || !("signal" in value)) return value;
    const { signal, ...others } = value;
    if (!(signal instanceof AbortSignal)) return value;
    own = signal;
    return others;
  });
  return { values, own };
}
