// Asks for load: autocannon in a process of its own, so that it does not share a thread with what it measures.
import type { Stage } from "./stage.ts";

export interface Load {
  readonly url: string;
  readonly body: unknown;
  readonly connections: number;
  /** How long, in seconds; or `requests`. */
  readonly seconds?: number;
  readonly requests?: number;
  /** Sent before anything is counted. Default 0. */
  readonly warmUpRequests?: number;
}

export interface Loaded {
  /** Milliseconds since 1970 when the first counted request went out. */
  readonly startedAt: number;
  /** Successes a second. */
  readonly perSecond: number;
}

/** @throws where one request failed: a refusal is quicker than an answer */
export async function load(stage: Stage, options: Load): Promise<Loaded> {
  const program = stage.start({ args: ["test/bench/programs/load.mjs", JSON.stringify(options)] });
  const { failed, ...loaded } = await program.answer<Loaded & { failed: number }>();
  if (failed > 0) throw new Error(`${failed} requests to ${options.url} failed`);
  return loaded;
}
