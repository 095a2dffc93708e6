// The objects of this process that a task in a child may call: its devices, its services, and what these return.
import { setTimeout as wait } from "node:timers/promises";
import { RuntimeError, sentenceOf } from "../../errors/runtime-error.ts";
import type { Device } from "../../task/devices.ts";
import { comesFrom } from "../failure.ts";
import type { Invoke, Outcome, Shape } from "../protocol.ts";
import { sentFailure } from "../sent-failure.ts";
import { hasMethods, shapeOf, shapeOrFailure } from "./shape.ts";

export interface ExportsOptions {
  /** The devices it holds; every call uses the signal of that moment. */
  readonly devices: (signal: () => AbortSignal) => Readonly<Record<string, Device>>;
  readonly services: Readonly<Record<string, object>>;
}

/** What a call is rejected with that the task took back, and whoever is left over when the task has ended. */
const takenBack = new Error("The call was taken back.");
/** How long an ended task's calls are waited for, in milliseconds: what moves has to brake. */
const longestBrakeMs = 10_000;

interface Exported {
  readonly object: object;
  readonly shape: Shape;
}

export class Exports {
  readonly #objects = new Map<string, Exported>();
  readonly #underWay = new Map<
    number,
    { readonly controller: AbortController; readonly end: Promise<Outcome> }
  >();
  /** Of the call that is being made just now. */
  #signal = new AbortController().signal;
  #made = 0;

  /** By name. */
  readonly devices: readonly string[];

  /** @throws UNKNOWN_DEVICE, DEVICE_FAILED */
  constructor({ devices, services }: ExportsOptions) {
    const held = devices(() => this.#signal);
    this.devices = Object.keys(held);
    for (const [name, device] of Object.entries(held)) this.#export(deviceKey(name), device);
    for (const [name, service] of Object.entries(services)) this.#export(serviceKey(name), service);
  }

  shapes(): Record<string, Shape> {
    return Object.fromEntries(Array.from(this.#objects, ([key, { shape }]) => [key, shape]));
  }

  /** What can be read of it now, or null where the task has no such object. */
  propertiesOf(key: string): Shape["properties"] | null {
    const exported = this.#objects.get(key);
    return exported ? shapeOf(exported.object).properties : null;
  }

  /** Never rejects. */
  async invoke(order: Invoke): Promise<Outcome> {
    const controller = new AbortController();
    if (order.isTakenBack) controller.abort(takenBack);
    const end = this.#call(order, controller.signal);
    this.#underWay.set(order.number, { controller, end });
    const outcome = await end;
    this.#underWay.delete(order.number);
    return outcome;
  }

  takeBack(number: number): void {
    this.#underWay.get(number)?.controller.abort(takenBack);
  }

  /** Takes back what is under way. Resolves when all of it has ended: nothing of the task's moves any more. */
  async close(): Promise<void> {
    if (this.#underWay.size === 0) return;
    for (const { controller } of this.#underWay.values()) controller.abort(takenBack);
    const ends = Promise.all(Array.from(this.#underWay.values(), ({ end }) => end));
    await Promise.race([ends, wait(longestBrakeMs, undefined, { ref: false })]);
  }

  async #call({ object: key, method, arguments: given }: Invoke, signal: AbortSignal): Promise<Outcome> {
    try {
      const exported = this.#objects.get(key);
      if (!exported?.shape.methods.includes(method))
        throw new RuntimeError("CALL_ABANDONED", { call: `${key}.${method}` });
      const call = Reflect.get(exported.object, method) as (...values: readonly unknown[]) => unknown;
      this.#signal = signal;
      return this.#outcomeOf(await call.apply(exported.object, [...given]));
    } catch (error) {
      return { ok: false, failure: sentFailure(error), takenBack: comesFrom(error, takenBack) };
    }
  }

  #outcomeOf(value: unknown): Outcome {
    if (!hasMethods(value)) return { ok: true, value };
    const object = `made.${++this.#made}`;
    return { ok: true, object, shape: this.#export(object, value) };
  }

  #export(key: string, object: object): Shape {
    const shape = shapeOrFailure(object);
    this.#objects.set(key, { object, shape });
    return shape;
  }
}

export const deviceKey = (name: string): string => `devices.${name}`;
export const serviceKey = (name: string): string => `services.${name}`;

/** Why what a call returned cannot be told to a child. */
export const unsendable = (error: unknown): Outcome => ({
  ok: false,
  failure: sentFailure(new Error(`What the call returned cannot leave its process: ${sentenceOf(error)}`)),
  takenBack: false,
});
