// Inside a process that inspects task files: imports them, looks at them, says what they are. What such a file does to
// this process it does to nothing else.
import { subscribe } from "node:diagnostics_channel";
import { constants, setPriority } from "node:os";
import { setImmediate as loopTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { sentenceOf } from "../../errors/runtime-error.ts";
import { examine, rejection, type TaskFile } from "../examine.ts";
import { explainDeed, explainStray } from "../explain.ts";
import { type Import, Loader } from "../load.ts";
import { validatorFor } from "../parameters.ts";
import { schemaOf, type TaskClass } from "../task-class.ts";
import { claimsOf } from "../task-type.ts";
import type { ClaimsQuestion, Order, Said } from "./protocol.ts";

interface Channel {
  send(message: Said): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** How often it says that its event loop turns. */
const aliveEveryMs = 250;
/** Rejections nobody awaits come to light when the loop turns, and some promises take a turn to get there. */
const turns = 3;

/** @param memory of the channel; the witness looks at it */
export function serve(channel: Channel, memory: SharedArrayBuffer): void {
  const inspector = new Inspector(memory);
  channel.onMessage((order) => void inspector.obey(order as Order).then((said) => channel.send(said)));
  setInterval(() => channel.send({ type: "alive" }), aliveEveryMs);
  channel.send({ type: "ready" });
}

class Inspector {
  readonly #loader = new Loader();
  #current: { readonly scope: Import; readonly file: TaskFile } | null = null;

  readonly #memory: SharedArrayBuffer;

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
    const onStray = (error: unknown): void => this.#blame(error);
    process.on("uncaughtException", onStray);
    process.on("unhandledRejection", onStray);
    // Thrown in place of the exit: so the file that wants it can be named, and the next one inspected.
    process.exit = (code) => {
      const trace = new Error(`process.exit(${code ?? ""})`);
      this.#note(`ends the process: ${trace.message}`, trace);
      throw trace;
    };
    // Loading TypeScript starts a process, too: whose doing it is shows in the trace.
    subscribe("child_process", () => this.#note("starts a process", new Error()));
  }

  obey(order: Order): Promise<Said> {
    if (order.to === "tell claims") return this.#claims(order);
    if (order.isSuspect) this.#watch();
    return this.#inspect(order);
  }

  async #inspect(file: TaskFile): Promise<Said> {
    const scope: Import = { path: file.path, stray: null };
    this.#current = { scope, file };
    const found = await examine(this.#loader, file, scope);
    for (let turn = 0; turn < turns; turn++) await loopTurn();
    const names = found.is === "sound" ? found.types.map(({ type }) => type.description.name) : [];
    if (scope.stray) return { type: "inspected", verdict: rejection(scope.stray, names) };
    if (found.is !== "sound") return { type: "inspected", verdict: found };
    const types = found.types.map(({ type, line }) => ({ type: type.description, line }));
    return { type: "inspected", verdict: { is: "sound", types } };
  }

  #watch(): void {
    new Worker(new URL("./witness.mjs", import.meta.url), { workerData: this.#memory, execArgv: [] }).unref();
    // The machine's own work goes first, the witness too.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  }

  async #claims({ module, parameters }: ClaimsQuestion): Promise<Said> {
    try {
      const exports: Record<string, unknown> = await import(module.url);
      const taskClass = exports[module.exportName] as TaskClass;
      const checked = validatorFor(schemaOf(taskClass))(parameters);
      if (checked.ok) return { type: "claims", claims: claimsOf(taskClass, checked.parameters) };
      const [issue] = checked.issues;
      return { type: "threw", message: `${issue?.path} ${issue?.message}` };
    } catch (error) {
      return { type: "threw", message: sentenceOf(error) };
    }
  }

  #note(deed: string, trace: Error): void {
    if (!this.#current) return;
    const { scope, file } = this.#current;
    scope.stray ??= explainDeed(deed, trace, file);
  }

  /** What a file that was inspected before has left behind is no fault of the one that is looked at now. */
  #blame(error: unknown): void {
    const scope = this.#loader.current() ?? this.#current?.scope;
    if (scope) scope.stray ??= explainStray(error, scope.path);
  }
}
