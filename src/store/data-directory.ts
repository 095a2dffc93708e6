// The data directory while a runtime uses it: locked, and counted how often that has been.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import { writeDurably } from "../lib/durable-file.ts";
import { lockDirectory } from "./lock.ts";
import { machineBoot } from "./machine-boot.ts";

export interface DataDirectory {
  /**
   * How often it was opened, this time included. Grows with each; where the count was lost it goes on from the
   * hours since 1970. Below nine million, so that a billion events of each boot can be numbered.
   */
  readonly boots: number;
  /**
   * This boot of the machine, where the last runtime died in it without having been told to end; null where the power
   * went or it ended in order.
   */
  readonly crashedIn: string | null;
  /** What was there is taken up: from here on a process that dies has crashed. @throws STORE_UNAVAILABLE */
  began(): Promise<void>;
  /** It was told to end: whatever comes is no crash. @throws STORE_UNAVAILABLE */
  ending(): Promise<void>;
  /** Gives it back; twice without harm. */
  close(): Promise<void>;
}

/** What `boots.json` keeps. */
interface Boots {
  readonly boots: number;
  /** The boot of the machine in which a runtime was at work here last, and whether that was told to end. */
  readonly machine_boot: string | null;
  readonly ended: boolean;
}

/** @throws DATA_DIR_IN_USE, STORE_UNAVAILABLE */
export async function openDataDirectory(directory: string): Promise<DataDirectory> {
  const unlock = await lockDirectory(directory).catch((error: unknown) => {
    throw error instanceof RuntimeError ? error : unavailable(error);
  });
  try {
    return await begin(directory, unlock);
  } catch (error) {
    await unlock();
    throw unavailable(error);
  }
}

async function begin(directory: string, unlock: () => Promise<void>): Promise<DataDirectory> {
  const file = path.join(directory, "boots.json");
  const last = await lastBoots(file, directory);
  const boot = await machineBoot(last.machine_boot);
  const boots = last.boots + 1;
  let written = write(file, { ...last, boots });
  await written;
  const next = (state: Pick<Boots, "machine_boot" | "ended">): Promise<void> => {
    written = written.catch(() => undefined).then(() => write(file, { boots, ...state }));
    return written;
  };
  return {
    boots,
    crashedIn: last.machine_boot === boot && !last.ended ? boot : null,
    began: () => next({ machine_boot: boot, ended: false }),
    ending: () => next({ machine_boot: boot, ended: true }),
    close: async () => {
      await written.catch(() => "its caller was told");
      await unlock();
    },
  };
}

async function write(file: string, boots: Boots): Promise<void> {
  try {
    await writeDurably(file, `${JSON.stringify(boots)}\n`);
  } catch (error) {
    throw unavailable(error);
  }
}

/** A lost number is made of the hours since 1970: no machine boots more than once an hour for half a century. */
async function lastBoots(file: string, directory: string): Promise<Boots> {
  const text = await readFile(file, "utf8").catch(() => null);
  const { boots, machine_boot, ended } = partsOf(text);
  const isKnown = Number.isSafeInteger(boots) && (boots as number) > 0 && (boots as number) < mostBoots;
  return {
    boots: isKnown ? (boots as number) : (await isNew(directory)) ? 0 : hoursSince1970(),
    machine_boot: typeof machine_boot === "string" ? machine_boot : null,
    ended: ended === true,
  };
}

function partsOf(text: string | null): { readonly [Part in keyof Boots]?: unknown } {
  try {
    return JSON.parse(text ?? "null") ?? {};
  } catch {
    return {}; // not JSON: damaged
  }
}

const isNew = async (directory: string): Promise<boolean> =>
  !(await readdir(directory)).some((name) => name === "tasks" || name === "boots.json");

/** Times a billion it is still a whole number. */
const mostBoots = 9_000_000;

const hoursSince1970 = (): number => Math.floor(Date.now() / 3_600_000);

const unavailable = (error: unknown): RuntimeError =>
  new RuntimeError("STORE_UNAVAILABLE", { problem: sentenceOf(error) }, { cause: error });
