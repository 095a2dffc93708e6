// Which process a number means, and whether it still lives. Numbers are used again; start times tell them apart.
import { readFileSync } from "node:fs";
import { statOf } from "./table.mjs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot of the machine and clock ticks since then, where the system tells (/proc), else null. */
  readonly started: string | null;
}

export function identityOf(pid: number): ProcessIdentity {
  const stat = statOf(pid);
  return { pid, started: stat ? `${bootId()}:${stat.startedAt}` : null };
}

/** A zombie counts as dead: it holds nothing any more, it only waits to be reaped. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  const stat = statOf(pid);
  if (stat && !stat.isAlive) return false;
  if (stat && started) return started === `${bootId()}:${stat.startedAt}`;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}
