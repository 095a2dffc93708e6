// Node and the packages that a machine may lack.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { sentenceOf } from "../../errors/runtime-error.ts";
import { joined, place } from "../../lib/joined/joined.mjs";
import { type Finding, fine, note, wrong } from "./finding.ts";

interface Package {
  readonly engines: { readonly node: string };
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export async function machineFindings(projectRoot: string): Promise<Finding[]> {
  const text = await readFile(path.join(projectRoot, "package.json"), "utf8");
  const { engines, optionalDependencies = {} } = JSON.parse(text) as Package;
  return [
    nodeFinding(process.versions.node, engines.node),
    joinedFinding(await joined("cli/program.mjs")),
    ...(await Promise.all(Object.keys(optionalDependencies).map(packageFinding))),
  ];
}

/** @param range as in `>=20.19` */
export function nodeFinding(version: string, range: string): Finding {
  const wanted = numbers(range.replace(/^>=/, ""));
  const found = numbers(version);
  const at = wanted.findIndex((number, place) => number !== (found[place] ?? 0));
  const isEnough = at === -1 || (found[at] ?? 0) > (wanted[at] ?? 0);
  return isEnough
    ? fine(`Node ${version}`)
    : wrong(
        `Node ${version} is too old: ${range} is needed`,
        "Install a newer Node: the current LTS is a good choice.",
      );
}

/** @param url of the joined program, or null */
export function joinedFinding(url: string | null): Finding {
  if (url !== null) return fine("the program is joined, and starts quickly");
  return note(
    "the program runs from its sources: each start takes twice as long, and more memory",
    `Let the user who starts it write to ${place}; ARMATURE_LOG_LEVEL=debug says at the start what is in the way.`,
  );
}

const numbers = (version: string): number[] => version.split(".").map(Number);

/** Only importing it shows whether its native part fits this machine. */
async function packageFinding(name: string): Promise<Finding> {
  try {
    await import(name);
    return fine(`the optional package ${name} is there`);
  } catch (error) {
    return note(
      `the optional package ${name} is not there: ${sentenceOf(error).split("\n")[0]}`,
      `Run npm install ${name} if tasks that need it shall run.`,
    );
  }
}
