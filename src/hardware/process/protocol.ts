// What a driver and its process say to each other; plain data, as v8.serialize takes it.
import type { ErrorCode } from "../../errors/catalogue.ts";

/** What a process can be asked: the names, what each takes and what it answers. */
export type Calls = object;
export type Takes<C extends Calls, K extends keyof C> = C[K] extends (argument: infer A) => unknown
  ? A
  : never;
export type Gives<C extends Calls, K extends keyof C> = C[K] extends (argument: never) => infer R
  ? Awaited<R>
  : never;

/** To the process. */
export interface Question {
  readonly id: number;
  readonly call: string;
  readonly argument: unknown;
}

/** From the process: an answer, or news that nobody has asked for. */
export type Told =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code: ErrorCode; readonly details: Record<string, unknown> }
  | { readonly news: unknown };
