// What running tasks ask the operator: the task stands as `paused` with its question until somebody answers, the time
// is over, or it is told to stop.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { type Clock, isoTime, type Timer } from "../../lib/clock.ts";
import { type Deferred, deferred } from "../../lib/deferred.ts";
import { misfits } from "../../lib/json-schema.ts";
import type { Question, StoredTask } from "../../task/record.ts";
import type { Entry } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import type { Asked } from "../ports.ts";
import { transition } from "../transition.ts";
import type { TaskLogs } from "./logs.ts";

export interface QuestionsDeps {
  readonly clock: Clock;
  readonly changes: Changes;
  readonly logs: TaskLogs;
}

interface Open {
  readonly asked: Asked;
  readonly answer: Deferred<unknown>;
  readonly timer: Timer | null;
}

export class Questions {
  readonly #deps: QuestionsDeps;
  /** By the entry of the task: it asks one question at a time. */
  readonly #open = new Map<Entry, Open>();
  readonly #turns = new Map<Entry, Promise<unknown>>();

  constructor(deps: QuestionsDeps) {
    this.#deps = deps;
  }

  /** Branches of a task that ask at the same time are heard one after the other. @throws QUESTION_EXPIRED, CALL_ABANDONED */
  ask(entry: Entry, asked: Asked): Promise<unknown> {
    const before = this.#turns.get(entry) ?? Promise.resolve();
    const turn = before.then(() => this.#ask(entry, asked));
    const quiet = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(entry, quiet);
    void quiet.then(() => {
      if (this.#turns.get(entry) === quiet) this.#turns.delete(entry);
    });
    return turn;
  }

  /** @throws NO_QUESTION where none is open, INVALID_ANSWER with the place of each misfit, STORE_UNAVAILABLE */
  answer(entry: Entry, answer: unknown): Promise<void> {
    return entry.serially(async () => {
      const open = this.#open.get(entry);
      const { id, status, question } = entry.stored.record;
      if (!open || question === null) throw new RuntimeError("NO_QUESTION", { id, status });
      const errors = misfits(open.asked.schema, answer).map(({ path, message }) => ({
        path: path === "" ? "answer" : `answer.${path}`,
        message,
      }));
      if (errors.length > 0) throw new RuntimeError("INVALID_ANSWER", { id, errors });
      await this.#deps.changes.ask(entry, (task, now) => goesOn(entry, task, now), goesOnEvent);
      this.#note(entry, question, answer);
      this.#close(entry);
      open.answer.resolve(answer);
    });
  }

  /** The attempt has ended: a question it left behind asks nobody any more. */
  forget(entry: Entry): void {
    if (this.#open.size > 0) this.#close(entry);
  }

  async #ask(entry: Entry, asked: Asked): Promise<unknown> {
    const answer = deferred<unknown>();
    await entry.serially(() => this.#pose(entry, asked, answer));
    // A task that is told to stop waits for nobody.
    void entry.toldToStop.then(() => {
      if (this.#open.get(entry)?.answer === answer) this.#close(entry);
      answer.reject(new RuntimeError("CALL_ABANDONED", { call: "ask" }));
    });
    return answer.promise;
  }

  async #pose(entry: Entry, asked: Asked, answer: Deferred<unknown>): Promise<void> {
    const { status } = entry.stored.record;
    const { attempt } = entry;
    if (!attempt || attempt.reason !== null || (status !== "running" && status !== "pausing"))
      throw new RuntimeError("CALL_ABANDONED", { call: "ask" });
    const seconds = asked.timeoutSeconds;
    const question: Question = {
      prompt: asked.prompt,
      schema: asked.schema,
      default: asked.default,
      expires_at: seconds === null ? null : isoTime(this.#deps.clock.now() + seconds * 1000),
    };
    const progress = entry.progress?.latest ?? entry.stored.record.progress;
    await this.#deps.changes.insist(
      entry,
      (task, now) => transition(task, "paused", now, { record: { question, progress } }),
      { type: "task_question", question },
    );
    attempt.waitForAnswer();
    const timer =
      seconds === null ? null : this.#deps.clock.after(seconds * 1000, () => this.#expire(entry, answer));
    this.#open.set(entry, { asked, answer, timer });
  }

  #expire(entry: Entry, answer: Deferred<unknown>): void {
    void entry.serially(async () => {
      const open = this.#open.get(entry);
      if (open?.answer !== answer) return;
      const { hasDefault, default: whenSilent, prompt, timeoutSeconds } = open.asked;
      await this.#deps.changes.insist(entry, (task, now) => goesOn(entry, task, now), goesOnEvent);
      this.#close(entry);
      if (hasDefault) answer.resolve(whenSilent);
      else answer.reject(new RuntimeError("QUESTION_EXPIRED", { prompt, timeout_seconds: timeoutSeconds }));
    });
  }

  /** Who reads the log later wants to know what was decided. */
  #note(entry: Entry, { prompt }: Question, answer: unknown): void {
    const time = isoTime(this.#deps.clock.now());
    this.#deps.logs.say(entry, {
      level: "info",
      time,
      message: "the operator answered",
      fields: { prompt, answer },
    });
  }

  #close(entry: Entry): void {
    this.#open.get(entry)?.timer?.cancel();
    this.#open.delete(entry);
    entry.attempt?.answered();
  }
}

const goesOnEvent = { type: "task_resumed" } as const;

/** Back to what it was: an owner who asked for a pause before the question still gets it. */
function goesOn(entry: Entry, task: StoredTask, now: number): StoredTask {
  if (task.record.status !== "paused") return task;
  const running = transition(task, "running", now);
  return entry.attempt?.isAskedToPause ? transition(running, "pausing", now) : running;
}
