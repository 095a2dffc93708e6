// Which boot of the machine this is: by it a process that died is told from a power that went.
import { readFile } from "node:fs/promises";
import os from "node:os";

export interface Machine {
  /** Linux tells each boot by a name of its own; null elsewhere. */
  bootName(): Promise<string | null>;
  /** Seconds since the boot. */
  uptime(): number;
  /** Milliseconds since 1970. */
  now(): number;
}

const thisMachine: Machine = {
  bootName: async () =>
    (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim() || null,
  uptime: () => os.uptime(),
  now: () => Date.now(),
};

const since = "since ";
/** Two readings of the same boot differ by what the clock was corrected meanwhile. */
const sameBootSeconds = 60;

/** @param last what this said earlier: the same again where it is still the same boot */
export async function machineBoot(last: string | null, machine: Machine = thisMachine): Promise<string> {
  const name = await machine.bootName();
  if (name !== null) return name;
  const booted = Math.round(machine.now() / 1000 - machine.uptime());
  const isSame =
    last?.startsWith(since) && Math.abs(Number(last.slice(since.length)) - booted) < sameBootSeconds;
  return isSame ? (last as string) : `${since}${booted}`;
}
