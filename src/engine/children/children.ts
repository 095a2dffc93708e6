// Tasks that running tasks submit and wait for. A child is part of the attempt that submitted it: it is admitted beneath
// it and ends with it.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Deferred, deferred } from "../../lib/deferred.ts";
import { getOrMake } from "../../lib/get-or-make.ts";
import type { Logger } from "../../lib/logger.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { TaskView } from "../../task/record.ts";
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";
import type { Call } from "../ports.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import type { SubmitRequest } from "../requests.ts";
import { type Groups, wayToDeadlock } from "./deadlock.ts";
import { childRequest } from "./request.ts";

export interface ChildrenDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly board: Board;
  readonly scheduler: Scheduler;
  /** @returns its id */
  readonly submit: (request: SubmitRequest, parent: string) => Promise<string>;
  /** Never refused: told at once, written whenever the disk takes it. */
  readonly stop: (child: Entry) => Promise<void>;
  readonly view: (entry: Entry) => TaskView;
  readonly isClosing: () => boolean;
}

/** An attempt that asked for something, and what came of it. */
interface Family {
  readonly children: Set<Entry>;
  readonly waits: Set<Wait>;
  isOver: boolean;
}

interface Wait {
  readonly on: Entry;
  /** It ends by itself after a while. */
  readonly isTimed: boolean;
  /** Begun after the task was told to stop: it waits under its grace. */
  readonly isCleanUp: boolean;
  readonly end: Deferred<void>;
}

type CallTo<To extends Call["to"]> = Extract<Call, { to: To }>;

const deepest = 32;
/** Who waits without end looks this often whether it still can end: others may have come in between. */
const lookAgainMs = 1000;

export class Children {
  readonly #deps: ChildrenDeps;
  readonly #families = new Map<Entry, Family>();
  /** By the task that others wait for. */
  readonly #awaited = new Map<Entry, Set<Entry>>();

  constructor(deps: ChildrenDeps) {
    this.#deps = deps;
  }

  /** @throws CHILDREN_TOO_DEEP, CALL_ABANDONED, what a submit throws */
  async submit(parent: Entry, call: CallTo<"submit">): Promise<string> {
    const request = childRequest(call);
    const family = this.#familyOf(parent);
    if (parent.attempt?.reason !== null) throw abandoned("submit");
    if (this.#above(parent).length >= deepest)
      throw new RuntimeError("CHILDREN_TOO_DEEP", { limit: deepest });
    const id = await this.#deps.submit(request, parent.id);
    const child = this.#deps.board.get(id);
    if (child && !hasEnded(child.stored.record.status)) family.children.add(child);
    if (family.isOver || parent.attempt?.reason) {
      if (child) await this.#stop(child);
      throw abandoned("submit");
    }
    return id;
  }

  /** @throws UNKNOWN_TASK, WOULD_DEADLOCK, CALL_ABANDONED */
  async wait(parent: Entry, call: CallTo<"wait">): Promise<TaskView> {
    const other = this.#deps.board.get(call.id);
    if (!other) throw new RuntimeError("UNKNOWN_TASK", { id: call.id });
    if (isSettled(other)) return this.#deps.view(other);
    this.#refuseDeadlock(parent, call.id);
    const family = this.#familyOf(parent);
    const wait: Wait = {
      on: other,
      isTimed: call.timeoutSeconds !== null,
      isCleanUp: parent.attempt?.reason !== null,
      end: deferred(),
    };
    family.waits.add(wait);
    getOrMake(this.#awaited, other, () => new Set<Entry>()).add(parent);
    this.#deps.scheduler.returning.giveSlotBack(parent.id);
    try {
      await this.#end(parent, other, wait, call.timeoutSeconds);
    } finally {
      family.waits.delete(wait);
      this.#waitsNoMore(parent, other);
      if (family.waits.size === 0 && !family.isOver)
        await this.#deps.scheduler.returning.takeSlotAgain(
          parent.id,
          wait.isCleanUp || parent.attempt?.reason !== null,
        );
    }
    return this.#deps.view(other);
  }

  /** The attempt has ended: so do its children. Who waits for nobody else is about to go on, in the slot that is free now. */
  ended(entry: Entry): void {
    for (const waiter of this.#awaited.get(entry) ?? [])
      if (this.#waitsOf(waiter).every(({ on }) => on === entry))
        void this.#deps.scheduler.returning.takeSlotAgain(waiter.id);
    const family = this.#families.get(entry);
    if (!family) return;
    this.#families.delete(entry);
    family.isOver = true;
    for (const { end } of family.waits) end.reject(abandoned("wait"));
    this.#endAll(family);
  }

  /** It has another attempt to come: who waits for it waits on. */
  goesOn(entry: Entry): void {
    for (const waiter of this.#awaited.get(entry) ?? [])
      if (waiter.attempt?.reason === null) this.#deps.scheduler.returning.giveSlotBack(waiter.id);
  }

  /** It has ended by itself. */
  forget(child: Entry): void {
    const parent = this.#parentOf(child);
    if (parent) this.#families.get(parent)?.children.delete(child);
  }

  /** Resolves when the other one has ended or the time is over. */
  async #end(parent: Entry, other: Entry, { end }: Wait, timeoutSeconds: number | null): Promise<void> {
    const { clock } = this.#deps;
    const look = (): void => {
      try {
        this.#refuseDeadlock(parent, other.id);
        timer = clock.after(lookAgainMs, look);
      } catch (error) {
        end.reject(error);
      }
    };
    let timer =
      timeoutSeconds === null
        ? clock.after(lookAgainMs, look)
        : clock.after(timeoutSeconds * 1000, () => end.resolve());
    other.waiters.add(end);
    try {
      await end.promise;
    } finally {
      timer.cancel();
      other.waiters.delete(end);
    }
  }

  #familyOf(parent: Entry): Family {
    return getOrMake(this.#families, parent, () => {
      const family: Family = { children: new Set(), waits: new Set(), isOver: false };
      void parent.toldToStop.then(() => this.#told(parent, family));
      return family;
    });
  }

  #told(parent: Entry, family: Family): void {
    if (family.isOver) return;
    for (const { isCleanUp, end } of family.waits) if (!isCleanUp) end.reject(abandoned("wait"));
    this.#deps.scheduler.returning.hurry(parent.id);
    this.#endAll(family);
  }

  #endAll({ children }: Family): void {
    // At a shutdown each is told so, and the next boot knows whose children they were.
    if (this.#deps.isClosing()) return;
    for (const child of children) void this.#stop(child);
  }

  async #stop(child: Entry): Promise<void> {
    try {
      await this.#deps.stop(child);
    } catch (error) {
      this.#deps.log.warn({ err: error, task: child.id }, "a child could not be ended with its parent");
    }
  }

  /** The task and all it is beneath. */
  #above(entry: Entry): Entry[] {
    const above: Entry[] = [];
    for (let at: Entry | undefined = entry; at; at = this.#parentOf(at)) above.push(at);
    return above;
  }

  #parentOf({ stored }: Entry): Entry | undefined {
    const parent = stored.memo.wishes?.parent;
    return parent === undefined ? undefined : this.#deps.board.get(parent);
  }

  #refuseDeadlock(waiter: Entry, id: string): void {
    const held = new Set(this.#above(waiter).map((entry) => entry.id));
    const way = wayToDeadlock(id, held, (other) => this.#waitsFor(other));
    if (!way) return;
    throw new RuntimeError("WOULD_DEADLOCK", { id, reason: reasonOf(waiter.id, way), way });
  }

  #waitsOf(entry: Entry): Wait[] {
    return [...(this.#families.get(entry)?.waits ?? [])];
  }

  #waitsNoMore(parent: Entry, other: Entry): void {
    const waiting = this.#awaited.get(other);
    if (!waiting || this.#waitsOf(parent).some(({ on }) => on === other)) return;
    waiting.delete(parent);
    if (waiting.size === 0) this.#awaited.delete(other);
  }

  #waitsFor(id: string): Groups {
    const entry = this.#deps.board.get(id);
    if (!entry || isSettled(entry)) return [];
    if (entry.stored.record.status !== "pending")
      return this.#waitsOf(entry).flatMap(({ on, isTimed }) => (isTimed ? [] : [[on.id]]));
    const dependencies = entry.stored.record.depends_on.map(({ task }) => [task]);
    return [...dependencies, ...this.#deps.scheduler.standings.waitsFor(id)];
  }
}

const isSettled = ({ stored: { record } }: Entry): boolean =>
  hasEnded(record.status) || record.status === "interrupted";

const abandoned = (call: Call["to"]): RuntimeError => new RuntimeError("CALL_ABANDONED", { call });

function reasonOf(waiter: string, [first = "", ...others]: readonly string[]): string {
  if (first === waiter) return "it is the task itself";
  if (others.length === 0) return "it is above this task, and ends after it";
  const last = others.at(-1) === waiter ? "this task" : others.at(-1);
  return ["it", ...others.slice(0, -1), last].join(" waits for ");
}
