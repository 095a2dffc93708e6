// Who moves when. A controller makes one straight way at a time: what is asked for meanwhile waits, and leaves together.
import type { Clock } from "../../../lib/clock.ts";
import { type Deferred, deferred } from "../../../lib/deferred.ts";
import { noAnswer } from "./controller-error.ts";
import type { Firmware } from "./firmware.ts";
import type { Letter } from "./options.ts";
import { straightWay } from "./straight-way.ts";

interface Wish {
  readonly kind: "move" | "home" | "command";
  readonly ended: Deferred<void>;
  /** Why nobody wants it any more. */
  givenUp: { readonly reason: unknown } | null;
}

export interface MoveWish {
  readonly letter: Letter;
  readonly target: number;
  /** Units per second, at most. */
  readonly speed: number;
  readonly timeoutSeconds: number;
}

interface Move extends Wish, MoveWish {
  readonly kind: "move";
}
interface Homing extends Wish {
  readonly kind: "home";
  readonly letter: Letter;
  readonly timeoutSeconds: number;
}
interface Command extends Wish {
  readonly kind: "command";
  readonly text: string;
}
type AnyWish = Move | Homing | Command;

export class Turns {
  readonly #clock: Clock;
  readonly #firmware: Firmware;
  #waiting: AnyWish[] = [];
  #underWay: AnyWish[] = [];

  constructor(clock: Clock, firmware: Firmware) {
    this.#clock = clock;
    this.#firmware = firmware;
  }

  /** Resolves when the axis stands still there. @throws ControllerError, or the signal's reason once it stands still */
  move(wish: MoveWish, signal?: AbortSignal): Promise<void> {
    return this.#ask({ ...wish, kind: "move", ended: deferred(), givenUp: null }, signal);
  }

  home(letter: Letter, timeoutSeconds: number, signal?: AbortSignal): Promise<void> {
    return this.#ask({ kind: "home", letter, timeoutSeconds, ended: deferred(), givenUp: null }, signal);
  }

  command(text: string): Promise<void> {
    return this.#ask({ kind: "command", text, ended: deferred(), givenUp: null });
  }

  /** Nobody wants any of it any more; what is under way hears of it when it stands still. */
  giveUpAll(reason: unknown): void {
    for (const wish of this.#underWay) wish.givenUp ??= { reason };
    for (const wish of this.#waiting.splice(0)) wish.ended.reject(reason);
  }

  async #ask(wish: AnyWish, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const giveUp = (): void => this.#giveUp(wish, signal?.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#waiting.push(wish);
    // Whoever asks in the same moment travels along.
    queueMicrotask(() => void this.#next());
    try {
      await wish.ended.promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  #giveUp(wish: AnyWish, reason: unknown): void {
    if (this.#waiting.includes(wish)) {
      this.#waiting = this.#waiting.filter((other) => other !== wish);
      wish.ended.reject(reason);
      return;
    }
    if (!this.#underWay.includes(wish)) return;
    wish.givenUp ??= { reason };
    this.#firmware.brake();
  }

  async #next(): Promise<void> {
    const [first] = this.#waiting;
    if (this.#underWay.length > 0 || !first) return;
    const together =
      first.kind === "command" ? [first] : this.#waiting.filter(({ kind }) => kind === first.kind);
    this.#underWay = together;
    this.#waiting = this.#waiting.filter((wish) => !together.includes(wish));
    let error: unknown = null;
    try {
      await this.#run(together);
    } catch (thrown) {
      error = thrown;
    }
    this.#underWay = [];
    const wasBraked = together.some(({ givenUp }) => givenUp !== null);
    for (const wish of together) {
      if (wish.givenUp) wish.ended.reject(wish.givenUp.reason);
      // Braked for another one's sake: it goes on from where it stands.
      else if (wasBraked) this.#waiting.unshift(wish);
      else if (error) wish.ended.reject(error);
      else wish.ended.resolve();
    }
    void this.#next();
  }

  async #run(wishes: readonly AnyWish[]): Promise<void> {
    const [first] = wishes;
    if (first?.kind === "command") return this.#firmware.command(first.text);
    if (first?.kind === "home") {
      const letters = wishes.flatMap((wish) => (wish.kind === "home" ? [wish.letter] : []));
      return this.#firmware.home(letters, first.timeoutSeconds);
    }
    const moves = wishes.filter((wish) => wish.kind === "move");
    const way = straightWay(moves, this.#firmware.board);
    const seconds = Math.ceil(way.seconds + Math.max(...moves.map(({ timeoutSeconds }) => timeoutSeconds)));
    const late = this.#clock.after(seconds * 1000, () => {
      for (const move of moves) move.givenUp ??= { reason: noAnswer(seconds) };
      this.#firmware.brake();
    });
    try {
      const targets = new Map(moves.map(({ letter, target }) => [letter, target]));
      await this.#firmware.move(targets, way.speed, way.seconds);
    } finally {
      late.cancel();
    }
  }
}
