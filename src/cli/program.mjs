// The program itself: hands the top of the house down to the command line.
import "../task/door/boot.mjs";
import path from "node:path";

const { runCommandLine } = await import("./index.ts");

// Whoever reads us may leave early, as in `armature list | head`.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const code = await runCommandLine({
  argv: process.argv.slice(2),
  env: process.env,
  projectRoot: path.resolve(import.meta.dirname, "../.."),
  out: process.stdout,
  err: process.stderr,
  startServer: async (options) => (await import("../main.ts")).startServer(options),
  startWorker: async (options) => (await import("../fleet-worker.ts")).startWorker(options),
  onInterrupt(listener) {
    const signals = ["SIGINT", "SIGTERM"];
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
});
// Whatever still runs (a task that was left to itself, a thread in a native call) does not keep the shell waiting.
process.exit(code);
