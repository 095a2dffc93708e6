// Which process a number means, and whether it still lives. Numbers are used again; start times tell them apart.
import { readFile } from "node:fs/promises";
import { codeOf } from "./journal-files.ts";

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot of the machine and clock ticks since then, where the system tells (/proc), else null. */
  readonly started: string | null;
}

interface ProcessStat {
  readonly state: string;
  readonly ticks: string;
}

/** `pid (name) state ppid …`; the name may hold spaces and brackets. */
async function statOf(pid: number): Promise<ProcessStat | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] && fields[19] ? { state: fields[0], ticks: fields[19] } : null;
}

const bootId = async (): Promise<string> =>
  (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim();

export async function identityOf(pid: number): Promise<ProcessIdentity> {
  const stat = await statOf(pid);
  return { pid, started: stat ? `${await bootId()}:${stat.ticks}` : null };
}

/** A zombie counts as dead: it holds nothing any more, it only waits to be reaped. */
export async function isAlive({ pid, started }: ProcessIdentity): Promise<boolean> {
  const stat = await statOf(pid);
  if (stat?.state === "Z" || stat?.state === "X") return false;
  if (stat && started) return started === `${await bootId()}:${stat.ticks}`;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
