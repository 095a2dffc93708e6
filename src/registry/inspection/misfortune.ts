// What became of a process that inspected a task file and could not say what it found, in words its author can use.
// Pure.
import path from "node:path";
import type { ChildEnd } from "../../lib/processes/child.ts";
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
const nativeSignals: readonly (string | null)[] = [
  "SIGSEGV",
  "SIGBUS",
  "SIGILL",
  "SIGFPE",
  "SIGABRT",
  "SIGTRAP",
];

/** @param file the task file it was at, absolute */
export function problemOf(
  end: ChildEnd,
  givenUp: GivenUp | null,
  { timeoutSeconds, memoryMb }: InspectionLimits,
  file: string,
): Problem {
  const at = givenUp?.why === "time" ? givenUp.at : null;
  return { line: at?.path === file ? at.line : null, ...explained() };

  function explained(): { reason: string; remedy: string } {
    if (givenUp?.why === "start") return notStarted("it took too long");
    if (end.exceeded !== null || end.ranOutOfHeap) {
      return {
        reason: `its import used more than ${memoryMb} MB of memory`,
        remedy: `${onlyDefine} Where it needs that much: task_inspection_memory_mb.`,
      };
    }
    if (givenUp?.why === "unreadable") {
      return { reason: `what its inspection said cannot be read: ${givenUp.message}`, remedy: onlyDefine };
    }
    if (givenUp?.why === "time") {
      return givenUp.isAlive
        ? {
            reason: `its import waited for something that did not come within ${timeoutSeconds} s`,
            remedy: "Await nothing at the top level of a task file: do it in run(parameters, ctx).",
          }
        : {
            reason: `its import did not end within ${timeoutSeconds} s: it loops${elsewhere()}, or a native call does not return`,
            remedy: `${onlyDefine} Where it only is slow: task_inspection_timeout_seconds.`,
          };
    }
    if (nativeSignals.includes(end.signal)) {
      return {
        reason: `its import crashed the process it was inspected in (${end.signal}), as native code does`,
        remedy: "Call native code in run(parameters, ctx), and mind the addresses it is given.",
      };
    }
    return {
      reason:
        end.signal === null
          ? `its import ended the process it was inspected in, with exit code ${end.code}`
          : `the process it was inspected in was ended from outside (${end.signal})`,
      remedy:
        end.signal === null ? onlyDefine : "POST /plugins/rediscover inspects it again; is the memory full?",
    };
  }
  function elsewhere(): string {
    return at === null || at.path === file
      ? ""
      : ` in ${placeOf(path.relative(path.dirname(file), at.path), at.line)}`;
  }
}
