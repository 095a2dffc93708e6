// How far a task is, on one line that redraws itself; where nobody watches, a plain line now and then.
import type { Progress } from "../task/progress.ts";
import type { Terminal } from "./terminal.ts";

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const clearLine = "\r\x1b[K";

export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #title: string;
  #isDrawn = false;
  #printed: Progress | null = null;

  constructor(terminal: Terminal, title: string) {
    this.#terminal = terminal;
    this.#title = title;
  }

  update(progress: Progress): void {
    const { width } = this.#terminal;
    if (width === null) {
      if (!isNews(progress, this.#printed)) return;
      this.#printed = progress;
      this.#terminal.line(plainLine(this.#title, progress));
      return;
    }
    this.#isDrawn = true;
    this.#terminal.write(`${clearLine}${barLine(this.#title, progress, width)}`);
  }

  /** Takes the bar away, so that the next line stands in its place. */
  clear(): void {
    if (this.#isDrawn) this.#terminal.write(clearLine);
    this.#isDrawn = false;
  }
}

/** `scan_task ██████▌      54 %  6/11  Photo 6  4 s left`, never wider than the terminal. */
export function barLine(title: string, progress: Progress, width: number): string {
  const { percent } = progress;
  const words = wordsOf(progress).join("  ");
  const room = Math.min(30, width - title.length - words.length - 4);
  const line =
    percent === null || room < 8 ? `${title}  ${words}` : `${title} ${bar(percent, room)} ${words}`;
  return line.length < width ? line : `${line.slice(0, Math.max(0, width - 2))}…`;
}

export const plainLine = (title: string, progress: Progress): string =>
  [title, ...wordsOf(progress)].join("  ");

function wordsOf({ current, total, percent, message, eta_seconds }: Progress): string[] {
  const words: string[] = [];
  if (percent !== null) words.push(`${Math.floor(percent).toString().padStart(3)} %`);
  if (total !== null) words.push(`${current}/${total}`);
  else if (current > 0) words.push(String(current));
  if (message) words.push(message.replace(/\s+/g, " "));
  if (eta_seconds !== null && eta_seconds >= 1) words.push(`${duration(Math.round(eta_seconds))} left`);
  return words;
}

function bar(percent: number, room: number): string {
  const filled = Math.round((Math.max(0, Math.min(100, percent)) / 100) * room * 8);
  return `${"█".repeat(filled >> 3)}${eighths[filled & 7]}`.padEnd(room, "·");
}

/** Without a total every new message counts, else every tenth of the way. */
function isNews(progress: Progress, printed: Progress | null): boolean {
  if (printed === null) return true;
  if (progress.percent === null) return progress.message !== printed.message;
  return Math.floor(progress.percent / 10) !== Math.floor((printed.percent ?? -10) / 10);
}

/** 0.4 -> `400 ms`, 95 -> `1 min 35 s` */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
