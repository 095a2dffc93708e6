// `ctx.log`: lines of a task, on their way to whoever keeps them.

import type { LogEntry } from "../engine/ports.ts";
import { type Clock, isoTime } from "../lib/clock.ts";
import type { TaskLog } from "../task/context.ts";
import { plainNotes } from "./plain-copy.ts";

export function createTaskLog(clock: Clock, keep: (entry: LogEntry) => void): TaskLog {
  const writer = (level: LogEntry["level"]) => (message: string, fields?: object) =>
    keep({
      level,
      time: isoTime(clock.now()),
      message: String(message),
      fields: fields ? plainNotes(fields) : null,
    });
  return { debug: writer("debug"), info: writer("info"), warn: writer("warn"), error: writer("error") };
}
