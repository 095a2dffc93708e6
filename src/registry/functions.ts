// Functions an embedding program submits: they appear as `function_task`, and live as long as this process.
import type { TaskType, Validated } from "../engine/ports.ts";
import { RuntimeError } from "../errors/runtime-error.ts";
import type { AsyncContext } from "../task/context.ts";
import { defaultPolicy } from "../task/policy.ts";

/** What a program may submit instead of a task's name. Progress is yielded, or told to `ctx.progress`. */
export type AdHoc = (ctx: AsyncContext) => unknown;

/** What the record of such a task shows as its parameters. */
export interface FunctionParameters {
  readonly function: string;
  /** Which submit it was, in this process. */
  readonly call: string;
}

export const functionTask = "function_task";

export class Functions {
  readonly #functions = new Map<string, AdHoc>();
  readonly type: TaskType;

  constructor() {
    this.type = Object.freeze({
      name: functionTask,
      isTrusted: true,
      category: "program",
      description: "A function that the embedding program has submitted.",
      policy: defaultPolicy,
      source: { file: "(program)", hash: functionTask },
      parametersSchema: null,
      resultSchema: null,
      module: { url: "file:///program", exportName: functionTask },
      validate: (parameters: Readonly<Record<string, unknown>>) => this.#validate(parameters),
      claimsOf: () => ({}),
      create: () => ({ run: (parameters, ctx) => this.#run(parameters as FunctionParameters, ctx) }),
    } satisfies TaskType);
  }

  add(work: AdHoc): FunctionParameters {
    const call = crypto.randomUUID();
    this.#functions.set(call, work);
    return { function: work.name || "anonymous", call };
  }

  forget({ call }: FunctionParameters): void {
    this.#functions.delete(call);
  }

  /** Who knows no function of this process has nothing to run: over HTTP there is no other way in. */
  #validate(parameters: Readonly<Record<string, unknown>>): Validated {
    if (typeof parameters.call === "string" && this.#functions.has(parameters.call))
      return { ok: true, parameters: { ...parameters } };
    const message = "only the program that embeds this runtime can submit a function";
    return { ok: false, issues: [{ path: "parameters.call", message }] };
  }

  #run({ function: name, call }: FunctionParameters, ctx: unknown): unknown {
    const work = this.#functions.get(call);
    if (!work) throw new RuntimeError("FUNCTION_GONE", { function: name });
    return work(ctx as AsyncContext);
  }
}
