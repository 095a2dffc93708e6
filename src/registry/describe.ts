// One task class as a plain description, or what is wrong with the class. Uses nothing of it.
import type { z } from "zod";
import { nearest } from "../lib/nearest.ts";
import type { Description } from "./description.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import { readPolicy, unknownKeyIn } from "./statics.ts";
import { isDefinition, type TaskClass } from "./task-class.ts";

export interface Module {
  readonly file: string;
  readonly text: string;
  readonly hash: string;
  readonly url: string;
  /** What tasks of this file belong to unless they say otherwise. */
  readonly category: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

export interface Fault {
  readonly reason: string;
  readonly remedy: string;
}

export type Described = Fault | { readonly description: Description };

export function describeClass(taskClass: TaskClass, exportName: string, module: Module): Described {
  if (typeof taskClass.prototype.run !== "function") return runIsMissing(taskClass);
  const definition: unknown = Object.getPrototypeOf(taskClass);
  const unknown = isDefinition(definition) ? unknownKeyIn(definition) : null;
  if (unknown) {
    return {
      reason: `Task.with does not know '${unknown.key}'`,
      remedy: unknown.near === null ? "Remove it." : `Did you mean '${unknown.near}'?`,
    };
  }
  const read = readPolicy(taskClass);
  if (!read.ok) {
    const { key, expected, found } = read.problem;
    return {
      reason: `${key} is ${JSON.stringify(found) ?? `a ${typeof found}`}; expected ${expected}`,
      remedy: `Give ${key} such a value, or leave it out.`,
    };
  }
  const { parameters, result, checkpoint } = taskClass;
  if (parameters !== undefined && !isObjectSchema(parameters)) {
    return {
      reason: `parameters is ${isSchema(parameters) ? "another kind of schema" : `a ${typeof parameters}`}; expected a zod object`,
      remedy: 'Write parameters: z.object({ … }) with z from "armature/task".',
    };
  }
  const stranger = Object.entries({ result, checkpoint }).find(([, it]) => it !== undefined && !isSchema(it));
  if (stranger) {
    return {
      reason: `${stranger[0]} is a ${typeof stranger[1]}; expected a zod schema`,
      remedy: 'Write it with z from "armature/task".',
    };
  }
  const input = parameters === undefined ? null : jsonSchemaOf(parameters, "input");
  if (input?.ok === false) {
    return {
      reason: `parameters cannot come as JSON: ${input.problem}`,
      remedy: "Use what JSON can carry: z.iso.datetime() for a date, z.string(), z.number(), z.object() …",
    };
  }
  const output = result === undefined ? null : jsonSchemaOf(result as z.ZodType, "output");
  return {
    description: {
      name: taskClass.taskName,
      category: taskClass.category ?? module.category,
      description: taskClass.description ?? null,
      policy: read.policy,
      source: { file: module.file, hash: module.hash },
      parametersSchema: input?.schema ?? null,
      resultSchema: output?.ok ? output.schema : null,
      module: { url: module.url, exportName },
    },
  };
}

function runIsMissing({ prototype }: TaskClass): Fault {
  const reason = "run is missing; expected a method run(parameters, ctx)";
  const [misspelt] = nearest("run", Object.getOwnPropertyNames(prototype), 1);
  return misspelt === undefined
    ? {
        reason,
        remedy:
          "Write async run(parameters, ctx) { … } into the class; a property run = () => … is not a method.",
      }
    : { reason: `${reason}, found ${misspelt}()`, remedy: `Did you mean run? Rename ${misspelt} to run.` };
}

/** By its marks, not instanceof: the author's folder may hold a zod of its own. */
const isSchema = (value: unknown): value is z.ZodType =>
  typeof value === "object" && value !== null && "_zod" in value && "safeParse" in value;

const isObjectSchema = (value: unknown): value is z.ZodObject =>
  isSchema(value) && value._zod.def.type === "object";
