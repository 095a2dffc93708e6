// The `ctx` of a blocking task: everything is synchronous.
import type { Clock } from "../../lib/clock.ts";
import type { BlockingContext, TaskFiles, TaskLog } from "../../task/context.ts";
import { artifactOf } from "../files.ts";
import { plainCopy } from "../plain-copy.ts";
import type { Start } from "../protocol.ts";
import type { Desk } from "./desk.ts";
import type { Outbox } from "./outbox.ts";

export interface BlockingContextParts {
  readonly start: Start;
  readonly clock: Clock;
  readonly files: TaskFiles;
  readonly log: TaskLog;
  readonly desk: Desk;
  readonly outbox: Outbox;
  /** The same way as a yield. */
  readonly report: (update: unknown) => void;
}

export function createBlockingContext(parts: BlockingContextParts): BlockingContext {
  const { start, clock, files, desk, outbox } = parts;
  return {
    taskId: start.taskId,
    attempt: start.attempt,
    resumedFrom: start.resumedFrom,
    userContext: start.userContext,
    dependencies: start.dependencies,
    files,
    log: parts.log,
    signal: {
      get aborted() {
        return desk.look();
      },
      get reason() {
        return desk.take();
      },
    },
    isCancelled: () => desk.look(),
    sleep: (ms) => desk.sleep(ms),
    progress: (current, total, message, data) => parts.report({ current, total, message, data }),
    checkpoint(state) {
      if (state !== undefined) desk.save(plainCopy(state, "CHECKPOINT_NOT_SERIALIZABLE", "checkpoint"));
      desk.pass();
    },
    partialResult: (value) =>
      outbox.send({
        type: "partial",
        value: plainCopy(value, "RESULT_NOT_SERIALIZABLE", "partial_result"),
      }),
    artifact: (file, name) =>
      outbox.send({ type: "artifact", artifact: artifactOf(clock, files, file, name) }),
  };
}
