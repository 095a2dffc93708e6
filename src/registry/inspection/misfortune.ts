// What became of a process that inspected a task file and could not say what it found, in words its author can use.
// Pure.
import path from "node:path";
import type { ChildEnd } from "../../lib/processes/child.ts";
import type { Fault } from "../describe.ts";
import { type Problem, placeOf } from "../plugin.ts";

/** What one file may use while it is inspected. */
export interface InspectionLimits {
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

export interface Spot {
  /** Absolute. */
  readonly path: string;
  readonly line: number | null;
}

/** Why it was given up before it ended by itself. */
export type GivenUp =
  /** It was not there for its first order. */
  | { readonly why: "start" }
  /** The time was over. `isAlive`: its event loop still turned; `at`: where it was, if somebody could tell. */
  | { readonly why: "time"; readonly isAlive: boolean; readonly at: Spot | null }
  | { readonly why: "unreadable"; readonly message: string };

export const notStarted = (why: string): Problem => ({
  line: null,
  reason: `no process could be started to inspect it: ${why}`,
  remedy: "See to it that the machine can start processes, then POST /plugins/rediscover.",
});

const onlyDefine = "Importing a task file must only define classes: move the work into run(parameters, ctx).";
const nativeSignals: readonly string[] = ["SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP"];

/** @param file the task file it was at, absolute */
export function problemOf(
  end: ChildEnd,
  givenUp: GivenUp | null,
  limits: InspectionLimits,
  file: string,
): Problem {
  const at = givenUp?.why === "time" ? givenUp.at : null;
  const isOwn = at?.path === file;
  const place = at && !isOwn ? ` in ${placeOf(path.relative(path.dirname(file), at.path), at.line)}` : "";
  return { line: isOwn ? at.line : null, ...faultOf(end, givenUp, limits, place) };
}

/** @param place of the helper it was in, if it was in one */
function faultOf(end: ChildEnd, givenUp: GivenUp | null, limits: InspectionLimits, place: string): Fault {
  if (end.exceeded?.what === "memory" || end.ranOutOfHeap) {
    return {
      reason: `its import used more than ${limits.memoryMb} MB of memory`,
      remedy: `${onlyDefine} Where it needs that much: task_inspection_memory_mb.`,
    };
  }
  switch (givenUp?.why) {
    case "start":
      return notStarted("it took too long");
    case "unreadable":
      return unreadable(givenUp.message);
    case "time":
      return givenUp.isAlive ? waited(limits) : looped(limits, place);
  }
  // What it wrote made no sense to the keeper of processes.
  if (end.wasKilled) return unreadable(end.lastErrors.at(-1) ?? "nothing");
  return endedByItself(end);
}

const unreadable = (message: string): Fault => ({
  reason: `what its inspection said cannot be read: ${message}`,
  remedy: onlyDefine,
});

const waited = ({ timeoutSeconds }: InspectionLimits): Fault => ({
  reason: `its import waited for something that did not come within ${timeoutSeconds} s`,
  remedy: "Await nothing at the top level of a task file: do it in run(parameters, ctx).",
});

const looped = ({ timeoutSeconds }: InspectionLimits, place: string): Fault => ({
  reason: `its import did not end within ${timeoutSeconds} s: it loops${place}, or a native call does not return`,
  remedy: `${onlyDefine} Where it only is slow: task_inspection_timeout_seconds.`,
});

function endedByItself({ code, signal }: ChildEnd): Fault {
  if (signal === null) {
    return {
      reason: `its import ended the process it was inspected in, with exit code ${code}`,
      remedy: onlyDefine,
    };
  }
  return nativeSignals.includes(signal)
    ? {
        reason: `its import crashed the process it was inspected in (${signal}), as native code does`,
        remedy: "Call native code in run(parameters, ctx), and mind the addresses it is given.",
      }
    : {
        reason: `the process it was inspected in was ended from outside (${signal})`,
        remedy: "POST /plugins/rediscover inspects it again; is the memory full?",
      };
}
