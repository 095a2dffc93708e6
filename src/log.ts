// The log: JSON lines for machines, one readable line each where a person looks on. Always on stderr.
import pino from "pino";
import { inSources } from "./lib/joined/source-places.ts";
import type { Logger } from "./lib/logger.ts";

/** @param level debug, info, warn, error or silent; may be set anew at any time */
export function createLog(level: string): Logger & { level: string } {
  // No worker transport: it would lose the last lines at exit.
  const destination = process.stderr.isTTY ? { write: readable } : pino.destination({ fd: 2, sync: true });
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: errorOf },
  };
  return pino(options, destination);
}

function errorOf(error: Error): object {
  const said = pino.stdSerializers.err(error);
  return typeof said?.stack === "string" ? { ...said, stack: inSources(said.stack) } : said;
}

const levels: Record<number, string> = { 20: "debug", 30: "info", 40: "warn", 50: "error" };

function readable(line: string): void {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(11, 19);
  const details = Object.entries(fields)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const stack = (err as { stack?: string } | undefined)?.stack;
  const text = [clock, (levels[level as number] ?? "").padEnd(5), msg, ...details].join(" ");
  process.stderr.write(`${text}${stack ? `\n${stack}` : ""}\n`);
}
