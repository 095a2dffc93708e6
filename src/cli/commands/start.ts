// armature start: the runtime and its server, until it is told to end.
import { readOptions } from "../options.ts";
import { exit, type Shell, untilInterrupted } from "../shell.ts";

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  readOptions("start", words, {}, 0);
  // Listened for from the beginning: whoever reads the line may end us before the next one is run.
  const told = untilInterrupted(shell);
  const toldAgain = told.then(() => untilInterrupted(shell));
  return Promise.race([serve(told, shell), toldAgain.then(() => exit.interrupted)]);
}

async function serve(told: Promise<void>, shell: Shell): Promise<number> {
  const server = await shell.startServer({ ...shell, print: (line) => shell.out.line(line) });
  await told;
  await server.close();
  return exit.fine;
}
