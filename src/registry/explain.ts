// Turns what an import threw into a line, a reason and a remedy a person can act on.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { findSyntaxError } from "./parse.ts";
import { type Problem, placeOf } from "./plugin.ts";

export interface ImportPlace {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** The files it imports by relative paths; absolute. */
  readonly helpers: readonly string[];
}

interface Spot {
  readonly path: string;
  readonly line: number;
}

export async function explainImport(error: unknown, place: ImportPlace): Promise<Problem> {
  const problem = await explained(error, place);
  return { ...problem, reason: readable(problem.reason) };
}

async function explained(error: unknown, place: ImportPlace): Promise<Problem> {
  if (!(error instanceof Error)) return thrown(place, null, inspect(error, { depth: 0 }));
  const parsing = /^(.+?):(\d+):\d+: ERROR: (.*)$/m.exec(error.message);
  if (parsing) {
    const [, file, line, message] = parsing as unknown as [string, string, string, string];
    return unparsable(place, { path: file, line: Number(line) }, message);
  }
  if ("code" in error && error.code === "ERR_MODULE_NOT_FOUND") return missingModule(error.message, place);
  if (error instanceof SyntaxError) {
    const heading = /^(?:file:\/\/)?(\/.*?)(?:\?.*?)?:(\d+)\n/.exec(error.stack ?? "");
    if (heading) return unlinkable(place, { path: heading[1] as string, line: Number(heading[2]) }, error);
    const found = await findSyntaxError([place.path, ...place.helpers]);
    if (found) return unparsable(place, found, found.message);
    return unparsable(place, null, error.message);
  }
  return thrown(place, spotIn(error.stack ?? "", place), `${error.name}: ${error.message}`);
}

/** What a file's timers and forgotten promises threw after its import was over. */
export function explainStray(error: unknown, file: string): Problem {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : inspect(error, { depth: 0 });
  return {
    line: lineIn(error, file),
    reason: readable(`something its import started threw later, and nobody caught it: ${said}`),
    remedy:
      "Importing a task file must only define classes: move timers and promises into run(parameters, ctx).",
  };
}

/**
 * What a file or its helpers did while they were imported, and no import may do.
 * @param trace made where it was done
 * @returns null where it was none of them
 */
export function explainDeed(deed: string, trace: Error, place: ImportPlace): Problem | null {
  const spot = spotIn(trace.stack ?? "", place);
  if (spot === null) return null;
  return {
    line: own(place, spot),
    reason: readable(`its import ${deed}${elsewhere(place, spot)}`),
    remedy: "Importing a task file must only define classes: move this into run(parameters, ctx).",
  };
}

function lineIn(error: unknown, file: string): number | null {
  const place: ImportPlace = { path: file, text: "", helpers: [] };
  return error instanceof Error ? own(place, spotIn(error.stack ?? "", place)) : null;
}

const longest = 300;

/** One line without the door's mark. */
function readable(reason: string): string {
  const line = reason.replaceAll(/\?task=[\w-]+/g, "").replaceAll(/\s*\n\s*/g, " ");
  return line.length <= longest ? line : `${line.slice(0, longest)}…`;
}

function thrown(place: ImportPlace, spot: Spot | null, said: string): Problem {
  const unknown = /^ReferenceError: (\S+) is not defined/.exec(said)?.[1] ?? null;
  return {
    line: own(place, spot),
    reason: `it throws on import${elsewhere(place, spot)}: ${said}`,
    remedy:
      unknown === null
        ? "Importing a task file must only define classes: move the work into run(parameters, ctx)."
        : remedyOfUnknown(unknown),
  };
}

function remedyOfUnknown(name: string): string {
  if (name === "require") return "A task file is an ES module: write import in place of require.";
  if (name === "module" || name === "exports")
    return "A task file is an ES module: write export in place of module.exports.";
  return `Look how '${name}' is spelt, or import it.`;
}

function unparsable(place: ImportPlace, spot: Spot | null, message: string): Problem {
  return {
    line: own(place, spot),
    reason: `it does not parse${elsewhere(place, spot)}: ${message}`,
    remedy: "Mend the syntax there; the file is read again when it is saved.",
  };
}

function unlinkable(place: ImportPlace, spot: Spot, error: Error): Problem {
  return {
    line: own(place, spot),
    reason: `an import cannot be met${elsewhere(place, spot)}: ${error.message}`,
    remedy: "Import a name that is exported there; types need 'import type'.",
  };
}

function missingModule(message: string, place: ImportPlace): Problem {
  const [, wanted = "", from = place.path] =
    /Cannot find (?:module|package) '(.+?)'(?: imported from (.+))?$/m.exec(message) ?? [];
  const isPackage = message.includes("find package");
  const importer = from.startsWith("file:") ? fileURLToPath(from.replace(/\?.*/, "")) : from;
  const name = isPackage ? wanted : path.basename(wanted).replace(/\.\w+$/, "");
  const spot =
    importer === place.path
      ? { path: importer, line: lineWith(place.text, name) }
      : { path: importer, line: 1 };
  const folder = path.dirname(place.path);
  return {
    line: own(place, spot),
    reason: `it imports ${isPackage ? `the package '${wanted}'` : wanted}, which is not there${elsewhere(place, spot)}`,
    remedy:
      wanted === "zod"
        ? 'Write import { z } from "armature/task": it is the same zod everywhere.'
        : isPackage
          ? `Run npm install ${wanted} in ${folder}, or do without it.`
          : "Put that file there, or mend the path of the import.",
  };
}

/** The first frame of the stack in the file or its helpers, else in any file that is not Node's or a package's. */
function spotIn(stack: string, place: ImportPlace): Spot | null {
  const spots = stack.split("\n").flatMap((line) => {
    const [, at, number] = /^\s+at (?:.*\()?(.+?):(\d+):\d+\)?$/.exec(line) ?? [];
    if (at === undefined || at.startsWith("node:") || at.includes("/node_modules/")) return [];
    const file = at.startsWith("file:") ? fileURLToPath(at.replace(/\?.*/, "")) : at.replace(/\?task=.*/, "");
    return [{ path: file, line: Number(number) }];
  });
  return spots.find((spot) => spot.path === place.path || place.helpers.includes(spot.path)) ?? null;
}

const own = (place: ImportPlace, spot: Spot | null): number | null =>
  spot?.path === place.path ? spot.line : null;

function elsewhere(place: ImportPlace, spot: Spot | null): string {
  if (spot === null || spot.path === place.path) return "";
  return ` (in ${placeOf(path.relative(path.dirname(place.path), spot.path), spot.line)})`;
}

function lineWith(text: string, word: string): number {
  const index = text.split("\n").findIndex((line) => /\bimport\b|\bfrom\b/.test(line) && line.includes(word));
  return index < 0 ? 1 : index + 1;
}
