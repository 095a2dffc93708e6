// What a limit means for a child, and which failure its end is.
import { getHeapStatistics } from "node:v8";
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { ChildEnd } from "../../lib/processes/child.ts";
import type { WorkLimits } from "../../task/policy.ts";

/** What the runtime's own part of a child takes besides the heap, in MB. */
const besidesHeapMb = 64;
const smallestHeapMb = 32;
const bytesPerMb = 1024 * 1024;

/** A heap that knows its limit is cleaned up in time, instead of growing until the child is ended. */
export const heapFor = ({ memoryMb }: WorkLimits): number | null =>
  memoryMb === null ? null : Math.max(smallestHeapMb, Math.floor(memoryMb - besidesHeapMb));

export function misfortune(end: ChildEnd, limits: WorkLimits, source: string): RuntimeError {
  const { exceeded } = end;
  const last_lines = end.lastErrors;
  if (exceeded?.what === "memory")
    return new RuntimeError("MEMORY_LIMIT", { limit_mb: exceeded.limit, used_mb: exceeded.used, source });
  if (exceeded?.what === "cpu")
    return new RuntimeError("CPU_LIMIT", {
      limit_seconds: exceeded.limit,
      used_seconds: exceeded.used,
      source,
    });
  if (end.ranOutOfHeap) {
    const limit_mb = limits.memoryMb ?? Math.round(getHeapStatistics().heap_size_limit / bytesPerMb);
    return new RuntimeError("MEMORY_LIMIT", { limit_mb, used_mb: limit_mb, source });
  }
  const { code, signal } = end;
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const reason = exceeded ? `it told more than can be heard, ${exceeded.used} MB of it waited` : how;
  return new RuntimeError("PROCESS_ENDED", { reason, exit_code: code, signal, source, last_lines });
}
