// Asking again what failed for a reason that passes: the network, and a server that says that the fault is its own.
import { isRuntimeError, RuntimeError } from "../../errors/runtime-error.ts";
import { wait } from "../../hardware/wait.ts";
import type { Clock } from "../../lib/clock.ts";
import { NotPublic } from "../../lib/public-lookup.ts";
import type { CloudSettings } from "../../settings/cloud.ts";

export interface Patience {
  readonly clock: Clock;
  readonly settings: Pick<CloudSettings, "max_attempts" | "first_retry_seconds">;
  readonly signal?: AbortSignal;
  /** Whom it is about, for the failure: the host, no path. */
  readonly host: string;
  /** As in `createProject`. */
  readonly action: string;
}

const longestPauseMs = 60_000;

/**
 * Calls `work` until it succeeds.
 * @throws the signal's reason; CLOUD_UNREACHABLE after the last attempt; CLOUD_LINK_REFUSED; what `work` throws for good
 */
export async function persistently<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  const { clock, settings, signal, host, action } = patience;
  const { max_attempts: most, first_retry_seconds: first } = settings;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof NotPublic)
        throw new RuntimeError("CLOUD_LINK_REFUSED", { host, problem: error.message }, { cause: error });
      if (isRuntimeError(error) || !isPassing(error)) throw error;
      const details = { host, action, attempts: attempt, problem: problemOf(error) };
      if (attempt >= most) throw new RuntimeError("CLOUD_UNREACHABLE", details, { cause: error });
    }
    await wait(clock, Math.min(longestPauseMs, first * 1000 * 2 ** (attempt - 1)), signal);
  }
}

/** A status that says nothing about what was asked. */
export class ServerFault extends Error {
  override readonly name = "ServerFault";
  readonly code = "SERVER_FAULT";
}

/** What our own disk says does not pass by asking the network again. */
const ofDisk = new Set(["ENOSPC", "EDQUOT", "EIO", "EROFS", "ENOENT", "EACCES", "EPERM", "EISDIR", "EMFILE"]);

/** Sockets, names and certificates say what went wrong by a code; a mistake of ours has none. */
const isPassing = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && "code" in error && typeof error.code === "string" && !ofDisk.has(error.code);

/** Where several addresses were tried there is no sentence. */
const problemOf = (error: Error & { code: string }): string => error.message || error.code;
