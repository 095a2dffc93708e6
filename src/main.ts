// The server: settings, runtime, API, wait, close in reverse. `armature start` and `npm run dev` come here.
import { Closers } from "./lib/closers.ts";
import type { Logger } from "./lib/logger.ts";
import { createLog } from "./log.ts";
import { createRuntime, type Runtime } from "./runtime.ts";
import { serve } from "./serve.ts";
import type { Environment } from "./settings/environment.ts";
import { loadSettings } from "./settings/load.ts";
import { ensureToken, needsToken, tokenFile } from "./settings/token.ts";

export interface StartOptions {
  /** The folder with settings/, tasks/ and data/, absolute. */
  readonly projectRoot: string;
  readonly env: Environment;
  /** Told the one line that says it is ready to work. */
  readonly print: (line: string) => void;
  /** Whether messages of Redis become tasks. Default true. */
  readonly takesMessages?: boolean;
}

export interface RunningServer {
  readonly url: string;
  readonly runtime: Runtime;
  /** Tells clients, lets tasks clean up, stops devices, flushes stores. Twice without harm. */
  close(): Promise<void>;
}

/** @throws RuntimeError with its remedy; then nothing is left held */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { projectRoot, env, print, takesMessages = true } = options;
  const settings = await loadSettings({ projectRoot, env });
  const log = createLog(settings.firmware.log_level);
  if (settings.openscan) log.info(settings.openscan, "settings of another firmware are read too");
  const closers = new Closers();
  try {
    const runtime = await createRuntime(settings, log);
    closers.add("the runtime", () => runtime.close());
    runtime.settings.onChange(({ firmware }) => {
      log.level = firmware.log_level;
    });
    closers.add(
      "the handlers of stray errors",
      handleStrays(runtime, log, () => closers.close()),
    );
    const token = needsToken(settings) ? await ensureToken(settings) : settings.token;
    const server = await serve(runtime, { token, log, takesMessages });
    // Tasks are told first, so that clients still see how they end; then the sockets close.
    closers.add("the server", async () => {
      await runtime.tasks.close();
      await server.close();
    });
    print(`Armature listens on ${server.url}`);
    if (token !== null && settings.token === null)
      log.info({ file: tokenFile(settings) }, "clients need the token in this file");
    return { url: server.url, runtime, close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

/** An error nobody awaited fails the task it belongs to; one without an owner ends the runtime, in order. */
function handleStrays(runtime: Runtime, log: Logger, close: () => Promise<void>): () => void {
  const onStray = (error: unknown): void => {
    if (runtime.blame(error)) return;
    log.error({ err: error }, "an error without an owner: the runtime shuts down");
    process.exitCode = 1;
    close().then(
      () => process.exit(),
      () => process.exit(),
    );
  };
  process.on("uncaughtException", onStray);
  process.on("unhandledRejection", onStray);
  return () => {
    process.off("uncaughtException", onStray);
    process.off("unhandledRejection", onStray);
  };
}
