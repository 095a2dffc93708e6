// What went wrong, for the person at the terminal: a sentence and what to do about it.
import { isRuntimeError } from "../errors/runtime-error.ts";
import { inSources } from "../lib/joined/source-places.ts";
import type { Terminal } from "./terminal.ts";

export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly remedy: string;

  constructor(sentence: string, remedy: string, options?: ErrorOptions) {
    super(sentence, options);
    this.remedy = remedy;
  }
}

export function printError(error: unknown, terminal: Terminal, withStack: boolean): void {
  const [sentence, remedy] = said(error);
  terminal.line(`${terminal.style("red", "✗")} ${sentence}`);
  if (remedy) terminal.line(`  ${terminal.style("cyan", "→")} ${remedy}`);
  if (withStack && error instanceof Error) terminal.line(terminal.style("dim", inSources(error.stack ?? "")));
}

function said(error: unknown): [sentence: string, remedy: string] {
  if (error instanceof CommandError) return [error.message, error.remedy];
  if (isRuntimeError(error)) return [error.message, error.remediation];
  return [
    `Something went wrong: ${error instanceof Error ? error.message : String(error)}`,
    "ARMATURE_LOG_LEVEL=debug shows where; `armature doctor` looks for the usual causes.",
  ];
}
