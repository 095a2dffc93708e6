// armature worker: runs tasks for runtimes elsewhere, until it is told to end.
import os from "node:os";
import { isRuntimeError } from "../../errors/runtime-error.ts";
import { problemOfRedisUrl } from "../../settings/redis.ts";
import { CommandError } from "../command-error.ts";
import { readOptions } from "../options.ts";
import { exit, type Shell, untilInterrupted } from "../shell.ts";

const mostAtOnce = 1000;

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  const { values } = readOptions(
    "worker",
    words,
    { url: { type: "string" }, concurrency: { type: "string" } },
    0,
  );
  const options = { url: urlIn(values.url), concurrency: concurrencyIn(values.concurrency) };
  // Listened for from the beginning: whoever reads the line may end us before the next one is run.
  const told = untilInterrupted(shell);
  const toldAgain = told.then(() => untilInterrupted(shell));
  return Promise.race([work(options, told, shell), toldAgain.then(() => exit.interrupted)]);
}

async function work(
  options: { url: string | null; concurrency: number },
  told: Promise<void>,
  shell: Shell,
): Promise<number> {
  const givingUp = new AbortController();
  const starting = shell.startWorker({
    ...shell,
    ...options,
    givenUp: givingUp.signal,
    print: (line: string) => shell.out.line(line),
  });
  const worker = await Promise.race([starting.catch(explain), told]);
  if (!worker) {
    givingUp.abort();
    // That it does not start any more is what was asked for.
    await starting.then(
      (late) => late.close(),
      () => undefined,
    );
    return exit.fine;
  }
  await told;
  await worker.close();
  return exit.fine;
}

/** Of all who need a Redis a worker alone can be told of it on its command line. */
function explain(error: unknown): never {
  if (!isRuntimeError(error) || error.code !== "LANE_UNAVAILABLE") throw error;
  throw new CommandError(
    "A worker takes its tasks from a Redis, and nothing says which.",
    "Name that of the runtime: `armature worker --url redis://…`, ARMATURE_REDIS_URL, or url in settings/redis.json.",
    { cause: error },
  );
}

function urlIn(given: string | undefined): string | null {
  if (given === undefined) return null;
  const problem = problemOfRedisUrl(given);
  if (problem !== null) throw new CommandError(`--url: ${problem}.`, "As in --url redis://lab-1:6379.");
  return given;
}

function concurrencyIn(given: string | undefined): number {
  if (given === undefined) return os.availableParallelism();
  const concurrency = Number(given);
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= mostAtOnce) return concurrency;
  throw new CommandError(
    `--concurrency ${given}: expected a whole number from 1 to ${mostAtOnce}.`,
    "It says how many tasks run here at the same time.",
  );
}
