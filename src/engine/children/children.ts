// Tasks that running tasks submit and wait for. A child is part of the attempt that submitted it: it is admitted beneath
// it and ends with it.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { getOrMake } from "../../lib/get-or-make.ts";
import type { Logger } from "../../lib/logger.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { TaskView } from "../../task/record.ts";
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";
import type { Call } from "../ports.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import type { SubmitRequest } from "../requests.ts";
import { lineOf, parentOf } from "./ancestry.ts";
import { childRequest } from "./request.ts";
import { abandoned, Waits } from "./waits.ts";

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

/** An attempt that asked for something, and the children it has. */
interface Family {
  readonly children: Set<Entry>;
  isOver: boolean;
}

type CallTo<To extends Call["to"]> = Extract<Call, { to: To }>;

const deepest = 32;

export class Children {
  readonly #deps: ChildrenDeps;
  readonly waits: Waits;
  readonly #families = new Map<Entry, Family>();

  constructor(deps: ChildrenDeps) {
    this.#deps = deps;
    this.waits = new Waits(deps);
  }

  /** @throws CHILDREN_TOO_DEEP, CALL_ABANDONED, what a submit throws */
  async submit(parent: Entry, call: CallTo<"submit">): Promise<string> {
    const request = childRequest(call);
    const family = this.#familyOf(parent);
    if (parent.attempt?.reason !== null) throw abandoned("submit");
    if (lineOf(parent, this.#deps.board).length >= deepest)
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
    if (other.isSettled) return this.#deps.view(other);
    this.waits.refuseDeadlock(parent, call.id);
    this.#familyOf(parent);
    await this.waits.until(parent, other, call.timeoutSeconds);
    return this.#deps.view(other);
  }

  /** The attempt has ended: so do its children. */
  ended(entry: Entry): void {
    this.waits.ended(entry);
    const family = this.#families.get(entry);
    if (!family) return;
    this.#families.delete(entry);
    family.isOver = true;
    this.#endAll(family);
  }

  /** It has ended by itself. */
  forget(child: Entry): void {
    const parent = parentOf(child, this.#deps.board);
    if (parent) this.#families.get(parent)?.children.delete(child);
  }

  #familyOf(parent: Entry): Family {
    return getOrMake(this.#families, parent, () => {
      const family: Family = { children: new Set(), isOver: false };
      void parent.toldToStop.then(() => this.#told(parent, family));
      return family;
    });
  }

  #told(parent: Entry, family: Family): void {
    if (family.isOver) return;
    this.waits.told(parent);
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
}
