// Hears what the task of a trial tells, and answers what it asks.
import type { Asked, Call, LogEntry, WorkEvents } from "../engine/ports.ts";
import { RuntimeError } from "../errors/runtime-error.ts";
import type { ProgressUpdate } from "../task/progress.ts";
import type { TaskView, WrittenFile } from "../task/record.ts";

export interface TrialAnswers {
  /** Answers `ctx.ask`. Without it a question ends the trial as failed. */
  readonly answer?: (question: Asked) => unknown;
  /** What the tasks it submits return. Without it a submit ends the trial as failed. */
  readonly child?: (task: string, parameters: Readonly<Record<string, unknown>>) => unknown;
}

type TaskOutcome = Pick<TaskView, "id" | "task" | "status" | "result">;

export class Told implements WorkEvents {
  readonly #answers: TrialAnswers;
  readonly #children = new Map<string, TaskOutcome>();
  readonly heard = {
    progress: [] as ProgressUpdate[],
    checkpoints: [] as unknown[],
    logs: [] as LogEntry[],
    artifacts: [] as WrittenFile[],
  };
  partialValue: unknown = null;
  isPaused = false;

  constructor(answers: TrialAnswers) {
    this.#answers = answers;
  }

  progress(update: ProgressUpdate): void {
    this.heard.progress.push(update);
    if (update.checkpoint !== undefined) this.heard.checkpoints.push(update.checkpoint);
  }

  async checkpoint(state: unknown): Promise<void> {
    this.heard.checkpoints.push(state);
  }

  paused(): void {
    this.isPaused = true;
  }

  partialResult(value: unknown): void {
    this.partialValue = value;
  }

  log(entry: LogEntry): void {
    this.heard.logs.push(entry);
  }

  artifact(artifact: WrittenFile): void {
    this.heard.artifacts.push(artifact);
  }

  async call(call: Call): Promise<unknown> {
    switch (call.to) {
      case "ask":
        if (!this.#answers.answer) throw new Error(`The trial has no answer to: ${call.question.prompt}`);
        return this.#answers.answer(call.question);
      case "submit":
        return this.#submit(call.task, call.parameters);
      case "wait":
        return this.#childOf(call.id);
      case "cancel":
        this.#childOf(call.id);
    }
  }

  #submit(task: string, parameters: Readonly<Record<string, unknown>>): string {
    if (!this.#answers.child) throw new Error(`The trial has no child for ${task}.`);
    const id = crypto.randomUUID();
    const result = this.#answers.child(task, parameters) ?? null;
    this.#children.set(id, { id, task, status: "completed", result });
    return id;
  }

  #childOf(id: string): TaskOutcome {
    const child = this.#children.get(id);
    if (!child) throw new RuntimeError("UNKNOWN_TASK", { id });
    return child;
  }
}
