// Work that fills a core gives way to the event loop, which moves machines and answers, and to the disk. Linux only:
// elsewhere a thread cannot name itself.
import { readlinkSync } from "node:fs";
import os from "node:os";

/** A third of the share of what is not niced; measured with both cores of two busy. */
const niceness = 5;

/** Lowers the priority of the thread that calls. @returns whether it could */
export function stepBack(): boolean {
  try {
    // As in `4711/task/4712`: on Linux a thread's number serves where a process's is asked for.
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    os.setPriority(thread, niceness);
    return true;
  } catch {
    return false;
  }
}
