// What a round of discovery changed: the types that came, went or got other code, and the lines that say so. Pure.
import type { PluginLine } from "./plugin.ts";
import type { Resolved } from "./resolve.ts";

export interface RegistryChange {
  /** Names of task types, sorted. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** The lines of the plugin list that are new or say something else now. */
  readonly plugins: readonly PluginLine[];
  /** The files that are no longer in the plugin list. */
  readonly gone: readonly string[];
}

export function changeBetween(before: Resolved, after: Resolved): RegistryChange {
  const oldLines = new Map(before.lines.map((line) => [line.file, JSON.stringify(line)]));
  const files = new Set(after.lines.map(({ file }) => file));
  return {
    added: [...after.types.keys()].filter((name) => !before.types.has(name)),
    changed: [...after.types].flatMap(([name, type]) => {
      const old = before.types.get(name);
      return old !== undefined && old !== type ? [name] : [];
    }),
    removed: [...before.types.keys()].filter((name) => !after.types.has(name)),
    plugins: after.lines.filter((line) => oldLines.get(line.file) !== JSON.stringify(line)),
    gone: [...oldLines.keys()].filter((file) => !files.has(file)),
  };
}

export const isChange = ({ added, changed, removed, plugins, gone }: RegistryChange): boolean =>
  [added, changed, removed, plugins, gone].some((list) => list.length > 0);
