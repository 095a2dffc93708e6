// `ctx.log`: lines of a task, on their way to whoever keeps them.

import type { LogEntry } from "../engine/ports.ts";
import { type Clock, isoTime } from "../lib/clock.ts";
import type { TaskLog } from "../task/context.ts";
import { plainNotes } from "./plain-copy.ts";

/** In characters: a line is for people, files are for data. */
const longestMessage = 4000;
const longestFields = 16_000;

const cut = (text: string, longest = longestMessage): string =>
  text.length > longest ? `${text.slice(0, longest)}… (cut, ${text.length} characters)` : text;

function bounded(fields: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(fields);
  return text.length > longestFields ? { cut: cut(text) } : fields;
}

export function createTaskLog(clock: Clock, keep: (entry: LogEntry) => void): TaskLog {
  const writer = (level: LogEntry["level"]) => (message: string, fields?: object) =>
    keep({
      level,
      time: isoTime(clock.now()),
      message: cut(String(message)),
      fields: fields ? bounded(plainNotes(fields)) : null,
    });
  return { debug: writer("debug"), info: writer("info"), warn: writer("warn"), error: writer("error") };
}
