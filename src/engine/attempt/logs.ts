// What tasks log: the last lines of each, in memory while it lives, in a file of its own from time to time and when
// it has ended.
import type { Clock, Timer } from "../../lib/clock.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { Entry } from "../board/entry.ts";
import type { LogEntry, LogFiles } from "../ports.ts";

const keptLines = 500;
const writeEveryMs = 2000;

export interface TaskLogsDeps {
  readonly clock: Clock;
  readonly logs: LogFiles;
}

interface Log {
  readonly lines: LogEntry[];
  /** A write is due. */
  timer: Timer | null;
  writing: Promise<unknown>;
}

export class TaskLogs {
  readonly #deps: TaskLogsDeps;
  /** Of those that have said something since this runtime began and have not ended. */
  readonly #logs = new Map<string, Log>();

  constructor(deps: TaskLogsDeps) {
    this.#deps = deps;
  }

  /** Lines of an earlier life of this task are taken up before the first new one is written. */
  say({ id, stored }: Entry, line: LogEntry): void {
    let log = this.#logs.get(id);
    if (!log) {
      log = { lines: [], timer: null, writing: Promise.resolve() };
      this.#logs.set(id, log);
      if (stored.record.attempt > 1) log.writing = this.#takeUp(id, log);
    }
    log.lines.push(line);
    if (log.lines.length > keptLines) log.lines.shift();
    const due = log;
    log.timer ??= this.#deps.clock.after(writeEveryMs, () => this.#write(id, due));
  }

  /** Oldest first. */
  async of({ id }: Entry): Promise<readonly LogEntry[]> {
    const log = this.#logs.get(id);
    if (!log) return this.#deps.logs.read(id);
    await log.writing;
    return [...log.lines];
  }

  /** Writes what has not been written; an ended task's lines leave the memory. */
  ended({ id, stored }: Entry): void {
    const log = this.#logs.get(id);
    if (!log) return;
    void this.#write(id, log).then((kept) => {
      if (kept && log.timer === null && hasEnded(stored.record.status)) this.#logs.delete(id);
    });
  }

  forget(id: string): void {
    this.#logs.get(id)?.timer?.cancel();
    this.#logs.delete(id);
  }

  /** What is still to be written is. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#logs, ([id, log]) => this.#write(id, log)));
  }

  #write(id: string, log: Log): Promise<boolean> {
    log.timer?.cancel();
    log.timer = null;
    const write = log.writing.then(() => this.#deps.logs.keep(id, [...log.lines]));
    log.writing = write;
    return write;
  }

  async #takeUp(id: string, log: Log): Promise<void> {
    const before = await this.#deps.logs.read(id);
    log.lines.unshift(...before);
    if (log.lines.length > keptLines) log.lines.splice(0, log.lines.length - keptLines);
  }
}
