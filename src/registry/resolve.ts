// Settles which file gives each task type its code, and writes the plugin list. Pure: lists in, lists out.
import type { TaskType } from "../engine/ports.ts";
import { type FoundType, type Inspected, type PluginLine, placeOf } from "./plugin.ts";

export interface Resolved {
  readonly types: ReadonlyMap<string, TaskType>;
  readonly lines: readonly PluginLine[];
}

interface Holder {
  readonly file: string;
  readonly found: FoundType;
}

/** @param override true: of two sound files that define the same type the later one wins */
export function resolve(files: readonly Inspected[], override: boolean): Resolved {
  const holders = new Map<string, Holder>();
  for (const { candidate, verdict } of files) {
    if (verdict.is !== "sound") continue;
    for (const found of verdict.types) {
      const { name } = found.type;
      if (override || !holders.has(name)) holders.set(name, { file: candidate.file, found });
    }
  }
  const names = [...holders.keys()].sort();
  return {
    types: new Map(names.map((name) => [name, (holders.get(name) as Holder).found.type])),
    lines: files.map((file) => lineFor(file, holders, override)),
  };
}

function lineFor(
  { candidate, hash, verdict }: Inspected,
  holders: Map<string, Holder>,
  override: boolean,
): PluginLine {
  const line = {
    file: candidate.file,
    line: null,
    task_types: [],
    category: candidate.origin,
    trusted: candidate.isTrusted,
    reason: null,
    remedy: null,
    hash,
  };
  switch (verdict.is) {
    case "rejected":
      return { ...line, status: "rejected", task_types: verdict.names, ...verdict.problem };
    case "opted_out":
      return { ...line, status: "opted_out", reason: "it says export const autodiscover = false" };
    case "ignored":
      return { ...line, status: "ignored", reason: "it is named in task_autodiscovery_ignore_modules" };
    case "inspecting":
      return { ...line, status: "inspecting", reason: "its inspection has not ended yet" };
    case "sound": {
      const { types } = verdict;
      const sound = {
        ...line,
        line: types[0]?.line ?? null,
        task_types: types.map(({ type }) => type.name),
        category: types[0]?.type.category ?? line.category,
      };
      const lost = types.filter((found) => holders.get(found.type.name)?.found !== found);
      const [first] = lost;
      if (first === undefined) return { ...sound, status: "loaded" };
      return { ...sound, line: first.line, ...loss(lost, holders, override) };
    }
  }
}

function loss(
  lost: readonly FoundType[],
  holders: Map<string, Holder>,
  override: boolean,
): Pick<PluginLine, "status" | "reason" | "remedy"> {
  const told = lost.map(({ type }) => {
    const holder = holders.get(type.name) as Holder;
    const place = placeOf(holder.file, holder.found.line);
    return override ? `${place} overrides ${type.name}` : `${type.name} is already defined in ${place}`;
  });
  return override
    ? { status: "overridden", reason: told.join("; "), remedy: "Remove that file to have this one back." }
    : {
        status: "duplicate",
        reason: told.join("; "),
        remedy: "Rename the task, or set task_autodiscovery_override_on_conflict to let the later file win.",
      };
}
