// What a controller can do, whatever it speaks. Positions are its own machine coordinates, in millimetres or degrees.
import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { ControllerError } from "./controller-error.ts";
import type { Letter } from "./options.ts";

/** How one axis travels, as the controller has it set. Per second, per second squared. */
export interface Travel {
  readonly topSpeed: number;
  readonly acceleration: number;
  /** What one step is, and what a report rounds to: closer than this it is there. */
  readonly resolution: number;
}

/** What a controller has said about itself, and which of its axes were homed. */
export interface Board {
  /** Undefined for an axis that it does not have. */
  position(letter: Letter): number | undefined;
  /** Null for an axis that it does not have. */
  travel(letter: Letter): Travel | null;
  /** Whether it can home this axis. */
  canHome(letter: Letter): boolean;
  /** Where homing leaves the axis; null where nobody knows before it was done. */
  homePosition(letter: Letter): number | null;
  isHomed(letter: Letter): boolean;
}

/** One controller from the opening of its line to its loss. */
export interface Firmware {
  /** Finds out who is there; what it was doing ends. @throws ControllerError */
  start(): Promise<void>;
  /** One line from the controller. */
  heard(text: string): void;
  /** The line is gone: everything that waits fails with this, and nothing is written any more. */
  end(error: ControllerError): void;
  readonly board: Board;
  /**
   * One straight way, all axes at once; resolves when it stands still, also where `brake` ended it before its targets.
   * @param speed along the way, as the controller measures it @param seconds that it takes at most
   */
  move(targets: ReadonlyMap<Letter, number>, speed: number, seconds: number): Promise<void>;
  /** Resolves when it stands still, homed; some can only home all axes. @throws ControllerError, also after `brake` */
  home(letters: readonly Letter[], seconds: number): Promise<void>;
  /** Resolves when the controller has taken it. Not while it moves. */
  command(text: string): Promise<void>;
  /** Ends what moves, now; whoever waits for it hears of it when it stands still. */
  brake(): void;
  /** Emergency: ends what moves before it returns, resolves when it stands still. */
  halt(): Promise<void>;
  /** Whether outputs are off when it begins, and after `halt`. */
  readonly resetsOutputs: boolean;
}

/** What a firmware is handed. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
  /** How long an answer may take. */
  readonly timeoutSeconds: number;
  write(text: string): void;
  /** Where it stands, or how it is, has changed. */
  changed(): void;
  /** A line that is no answer: logged, nothing more. */
  noise(text: string): void;
  /** It does not answer any more, or has begun anew by itself. */
  gone(error: ControllerError): void;
}
