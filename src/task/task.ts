// What a task file exports. `Task.with` only sets statics: the runtime reads a class with statics and `run`.
import type { z } from "zod";
import type { AsyncContext, BlockingContext } from "./context.ts";
import type { Claims, LaneName, RestartPolicy, RetryPolicy, WorkLimits } from "./policy.ts";
import type { ProgressUpdate } from "./progress.ts";

/** Marks task classes across threads, processes and second copies of this module. */
export const taskBrand: unique symbol = Symbol.for("armature.task") as never;

export interface TaskDefinition {
  /** snake_case, ends in _task. */
  readonly name: string;
  /** One sentence for people. */
  readonly description?: string;
  /** Defaults to the folder's: core, example, community, external. */
  readonly category?: string;
  readonly parameters?: z.ZodObject;
  readonly result?: z.ZodType;
  /** The shape of what the task saves; types `ctx.resumedFrom` and the yields. */
  readonly checkpoint?: z.ZodType;
  readonly isExclusive?: boolean;
  readonly isBlocking?: boolean;
  readonly lane?: LaneName;
  readonly uses?: Claims | ((parameters: never) => Claims);
  readonly priority?: number;
  readonly timeoutSeconds?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** For the isolated lane. */
  readonly limits?: Partial<WorkLimits>;
  readonly onRestart?: RestartPolicy;
  readonly cancelGraceSeconds?: number;
}

type Parameters<D> = D extends { parameters: infer S extends z.ZodType }
  ? z.output<S>
  : Record<string, never>;
type Checkpoint<D> = D extends { checkpoint: infer S extends z.ZodType } ? z.output<S> : unknown;
type NoClaims = Record<never, never>;
type Uses<D> = D extends { uses: infer U extends Claims } ? U : NoClaims;
type Context<D> = D extends { isBlocking: true }
  ? BlockingContext<Checkpoint<D>>
  : AsyncContext<Checkpoint<D>, Uses<D>>;
type Outcome<D> = D extends { isBlocking: true }
  ? unknown
  : Promise<unknown> | AsyncGenerator<ProgressUpdate<Checkpoint<D>>, unknown, void>;

export abstract class TaskBase<P = unknown, C = unknown, R = unknown> {
  declare readonly $in: P;
  declare readonly $ctx: C;
  // biome-ignore lint/suspicious/noExplicitAny: TypeScript does not type an override's parameters from its base
  abstract run(parameters: any, ctx: any): R;
}

/** The type of `parameters` in `run`: `In<this>`. */
export type In<T extends { $in: unknown }> = T["$in"];
/** The type of `ctx` in `run`: `Ctx<this>`. */
export type Ctx<T extends { $ctx: unknown }> = T["$ctx"];

export type TaskClassOf<D extends TaskDefinition> = (abstract new () => TaskBase<
  Parameters<D>,
  Context<D>,
  Outcome<D>
>) & { readonly taskName: D["name"]; readonly [taskBrand]: true };

export const Task = {
  /** A base class that carries the definition as statics; extend it and write `run`. */
  with<
    const D extends Omit<TaskDefinition, "parameters" | "uses">,
    const U extends Claims = NoClaims,
    S extends z.ZodObject = z.ZodObject<Record<never, never>>,
  >(
    // Apart from the rest, so that a function of the parameters knows their types.
    definition: D & { readonly parameters?: S; readonly uses?: U | ((parameters: z.output<S>) => U) },
  ): TaskClassOf<D & { parameters: S; uses: U }> {
    const { name, description, ...statics } = definition;
    abstract class Defined extends TaskBase {
      static readonly [taskBrand] = true;
      static readonly taskName = name;
      static readonly description = description;
    }
    return Object.assign(Defined, statics) as unknown as TaskClassOf<D & { parameters: S; uses: U }>;
  },
};
