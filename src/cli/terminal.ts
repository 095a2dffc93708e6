// Where the command line writes, and how it looks there. Knows no task.
import path from "node:path";
import { styleText } from "node:util";

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

export class Terminal {
  readonly #output: Output;
  readonly #isColoured: boolean;

  constructor(output: Output, env: Readonly<Record<string, string | undefined>>) {
    this.#output = output;
    this.#isColoured = output.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  }

  /** Columns, or null where nobody watches: a file, a pipe. */
  get width(): number | null {
    return this.#output.isTTY ? this.#output.columns || 80 : null;
  }

  write(text: string): void {
    this.#output.write(text);
  }

  line(text = ""): void {
    this.write(`${text}\n`);
  }

  style(style: Style, text: string): string {
    return this.#isColoured ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Rows as columns, each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** A file as the person would write it from where they stand. */
export function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}

/** Where the terminal is. */
export const timeOfDay = (timestamp: string): string => new Date(timestamp).toTimeString().slice(0, 8);
