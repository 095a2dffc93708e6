// Which required core tasks are missing, and why each of them is. Pure.
import { RuntimeError } from "../errors/runtime-error.ts";
import { nearest } from "../lib/nearest.ts";
import { isTaskName } from "../task/name.ts";
import { type Inspected, type PluginLine, placeOf } from "./plugin.ts";
import type { Resolved } from "./resolve.ts";

export interface Missing {
  readonly name: string;
  readonly reason: string;
}

/** @param required the names the settings list, or null for all that the files in tasks/core define */
export function missingCoreTasks(
  required: readonly string[] | null,
  files: readonly Inspected[],
  { types, lines }: Resolved,
): Missing[] {
  const names = required ?? shippedNames(files);
  return names
    .filter((name) => !types.has(name))
    .map((name) => ({ name, reason: reasonFor(name, lines, types) }));
}

/** CORE_TASKS_MISSING with each name and its reason. */
export function coreTasksMissing(missing: readonly Missing[]): RuntimeError {
  const reasons = missing.map(({ name, reason }) => `${name} (${reason})`);
  return new RuntimeError("CORE_TASKS_MISSING", {
    missing: missing.map(({ name }) => name),
    reasons: Object.fromEntries(missing.map(({ name, reason }) => [name, reason])),
    hint: `Reasons: ${reasons.join("; ")}. `,
  });
}

/** A core file that is broken still says by its name which task it should define. */
function shippedNames(files: readonly Inspected[]): string[] {
  const names = files.flatMap(({ candidate, verdict }) => {
    if (candidate.origin !== "core") return [];
    if (verdict.is === "sound") return verdict.types.map(({ type }) => type.name);
    if (verdict.is !== "rejected") return [];
    return verdict.names.length > 0 ? verdict.names : [stemOf(candidate.file)].filter(isTaskName);
  });
  return [...new Set(names)];
}

function reasonFor(name: string, lines: readonly PluginLine[], types: ReadonlyMap<string, unknown>): string {
  const line = lines.find((one) => one.task_types.includes(name) || stemOf(one.file) === name);
  if (line?.reason) return `${placeOf(line.file, line.line)}: ${line.reason}`;
  const near = nearest(name, types.keys(), 1)[0];
  return `no file defines it${near === undefined ? "" : `; there is ${near}`}`;
}

const stemOf = (file: string): string => (file.split("/").at(-1) ?? "").replace(/\.\w+$/, "");
