// Reads a command's words strictly; a word too many or an unknown option is told with the command's usage.
import { type ParseArgsConfig, parseArgs } from "node:util";
import { CommandError } from "./command-error.ts";
import { usageOf } from "./menu.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** @param most how many words may stand outside the options */
export function readOptions<const O extends Options>(
  command: string,
  words: readonly string[],
  options: O,
  most: number,
) {
  const remedy = `Usage: ${usageOf(command)}`;
  try {
    const read = parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
    const extra = read.positionals[most];
    if (extra !== undefined) throw new CommandError(`'${extra}' is one word too many.`, remedy);
    return read;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError((error as Error).message.split(". ")[0]?.concat(".") ?? "", remedy, {
      cause: error,
    });
  }
}
