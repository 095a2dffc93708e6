// armature start: the runtime and its server, until it is told to end.
import { readOptions } from "../options.ts";
import { exit, type Shell, untilInterrupted } from "../shell.ts";

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  readOptions("start", words, {}, 0);
  const server = await shell.startServer({ ...shell, print: (line) => shell.out.line(line) });
  await untilInterrupted(shell);
  // A second signal does not wait for what is still closing.
  return Promise.race([
    server.close().then(() => exit.fine),
    untilInterrupted(shell).then(() => exit.interrupted),
  ]);
}
