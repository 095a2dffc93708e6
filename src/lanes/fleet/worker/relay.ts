// Whoever listens to an attempt, as a worker sees them: everything goes to the runtime's inbox, in order.
import { statSync } from "node:fs";
import path from "node:path";
import type { Call, LogEntry, WorkEvents } from "../../../engine/ports.ts";
import { RuntimeError, sentenceOf } from "../../../errors/runtime-error.ts";
import { type Clock, isoTime } from "../../../lib/clock.ts";
import type { ProgressUpdate } from "../../../task/progress.ts";
import type { WrittenFile } from "../../../task/record.ts";
import type { Saved } from "../../protocol.ts";
import { Saves } from "../../saves.ts";
import { atHome, contentOf, largestFileBytes } from "../files.ts";
import type { Report } from "../messages.ts";

export interface RelayOptions {
  readonly clock: Clock;
  readonly taskId: string;
  /** The worker's own, absolute. */
  readonly dataDirectory: string;
  /** Resolves with false where it could not be told. */
  readonly send: (report: Report) => Promise<boolean>;
}

export class Relay implements WorkEvents {
  readonly #options: RelayOptions;
  readonly #saves = new Saves();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  progress(update: ProgressUpdate): void {
    this.#tell({ type: "progress", update });
  }

  checkpoint(state: unknown): Promise<void> {
    const { number, saved } = this.#saves.open();
    void this.#options.send({ type: "checkpoint", number, state }).then((isTold) => {
      if (!isTold)
        saved.reject(new RuntimeError("FLEET_FAILED", { problem: "Redis did not take a checkpoint" }));
    });
    return saved.promise;
  }

  saved(answer: Saved): void {
    this.#saves.answered(answer);
  }

  paused(request: number): void {
    this.#tell({ type: "paused", request });
  }

  partialResult(value: unknown): void {
    this.#tell({ type: "partial", value });
  }

  log(entry: LogEntry): void {
    this.#tell({ type: "log", entry });
  }

  /** The file goes along where it is small enough; else it stays here, and the task's log says so. */
  artifact(artifact: WrittenFile): void {
    const { dataDirectory, taskId } = this.#options;
    try {
      const { size } = statSync(path.resolve(dataDirectory, artifact.file));
      if (size > largestFileBytes) throw new Error(`${size} bytes are too many to be sent`);
      const sent = atHome(artifact, taskId);
      this.#tell({ type: "content", file: sent.file, content: contentOf(dataDirectory, artifact.file) });
      this.#tell({ type: "artifact", artifact: sent });
    } catch (error) {
      this.#complain(artifact, sentenceOf(error));
    }
  }

  call(call: Call): Promise<unknown> {
    const what = call.to === "ask" ? "ctx.ask" : "ctx.tasks";
    return Promise.reject(new RuntimeError("NOT_IN_FLEET", { what }));
  }

  #tell(report: Report): void {
    void this.#options.send(report);
  }

  #complain({ name, file, bytes }: WrittenFile, problem: string): void {
    const message = `The file ${name} stays with the worker: ${problem}.`;
    const time = isoTime(this.#options.clock.now());
    this.log({ level: "warn", time, message, fields: { file, bytes } });
  }
}
