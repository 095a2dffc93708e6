// The commands there are. Each is loaded only when it is asked for: `list` needs no runtime in memory.
import type { Command } from "./shell.ts";

export interface Entry {
  readonly words: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export const menu: Readonly<Record<string, Entry>> = {
  start: {
    words: "",
    summary: "Start the runtime and its server; Ctrl+C ends it in order.",
    load: () => import("./commands/start.ts"),
  },
  demo: {
    words: "",
    summary: "Start it and watch a short simulated scan and a crop.",
    load: () => import("./commands/demo.ts"),
  },
  run: {
    words: "<task> [--parameter value …] [--json '{…}']",
    summary: "Run a task with a progress bar; with --help: its parameters.",
    load: () => import("./commands/run.ts"),
  },
  list: {
    words: "[types | tasks | devices]",
    summary: "What this machine can do, does and has done, or has.",
    load: () => import("./commands/list.ts"),
  },
  watch: {
    words: "[task id]",
    summary: "Events as they happen; with an id until that task has ended.",
    load: () => import("./commands/watch.ts"),
  },
  answer: {
    words: "<task id> <value>",
    summary: "Answer the question a paused task asks; the value is JSON or plain text.",
    load: () => import("./commands/answer.ts"),
  },
  stop: {
    words: "",
    summary: "Emergency stop: every device and every task, now.",
    load: () => import("./commands/stop.ts"),
  },
  resume: {
    words: "",
    summary: "Let tasks start again, and after a stop devices move again.",
    load: () => import("./commands/resume.ts"),
  },
  worker: {
    words: "[--url redis://…] [--concurrency N]",
    summary: "Run tasks of the fleet lane for runtimes on other machines; Ctrl+C ends it in order.",
    load: () => import("./commands/worker.ts"),
  },
  new: {
    words: "<name> [--blocking] [--exclusive] [--dir folder]",
    summary: "Write a new task file to start from.",
    load: () => import("./commands/new.ts"),
  },
  doctor: {
    words: "",
    summary: "Look at every plugin, device, setting and the data directory; say what to mend.",
    load: () => import("./commands/doctor.ts"),
  },
  schemas: {
    words: "",
    summary: "Write the JSON Schemas of the settings files anew.",
    load: () => import("./commands/schemas.ts"),
  },
};

export const usageOf = (command: string): string =>
  `armature ${command} ${menu[command]?.words ?? ""}`.trimEnd();
