// What Marlin does for us. It has no real-time characters: a brake is M410, which also the queue of a board without
// an emergency parser lets through, because nothing that waits is ever sent before a move has come to its end.
import { wait } from "../../../wait.ts";
import { within } from "../../../within.ts";
import { type ControllerError, failed, noAnswer } from "../controller-error.ts";
import type { Firmware, Surroundings } from "../firmware.ts";
import type { Letter } from "../options.ts";
import { MarlinBoard } from "./board.ts";
import { NumberedFlow } from "./numbered-flow.ts";
import { moveLine, parse } from "./text.ts";

const pollMs = 50;
const heartbeatMs = 1000;
/** Answers to what was sent before it listened are over by then. */
const quietMs = 250;
const longestHaltSeconds = 2;

export class Marlin implements Firmware {
  readonly resetsOutputs = false;
  readonly board = new MarlinBoard();
  readonly #around: Surroundings;
  readonly #flow: NumberedFlow;
  #isBraking = false;
  #isMoving = false;
  #hasBegun = false;
  #isOver = false;
  #firstAnswer: (() => void) | null = null;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#flow = new NumberedFlow({
      clock: around.clock,
      write: around.write,
      gone: (error) => around.gone(typeof error === "number" ? noAnswer(error) : error),
    });
  }

  async start(): Promise<void> {
    const { clock, write, timeoutSeconds } = this.#around;
    // A board that was just powered, or that resets when its port is opened, hears nothing for some seconds.
    let again = { cancel: (): void => undefined };
    const ask = (): void => {
      write("M110 N0\n");
      again = clock.after(heartbeatMs, ask);
    };
    const answered = new Promise<void>((resolve) => {
      this.#firstAnswer = resolve;
    });
    ask();
    const begun = await within(clock, timeoutSeconds * 1000, () => answered);
    again.cancel();
    if (begun.isLate) throw noAnswer(timeoutSeconds);
    await wait(clock, quietMs);
    this.#firstAnswer = null;
    this.#hasBegun = true;
    // What it was doing for somebody else ends.
    for (const line of ["M410", "G21", "G90", "M503"]) await this.command(line);
    await this.#look();
    this.#beat();
  }

  heard(text: string): void {
    const heard = parse(text);
    if (!this.#hasBegun) {
      if (heard.kind === "ok") this.#firstAnswer?.();
      return;
    }
    switch (heard.kind) {
      case "ok":
        if (!this.#flow.answered()) this.#around.noise(text);
        break;
      case "resend":
        this.#flow.resend(heard.number);
        break;
      case "busy":
        this.#flow.await();
        break;
      case "error":
        this.#flow.refused(heard.problem);
        break;
      case "start":
        this.#around.gone(failed("the controller was reset", "Look at its power and its reset button."));
        break;
      case "halted":
        this.#around.gone(
          failed("the controller has halted itself", "Find out why, then reset the board at its button."),
        );
        break;
      case "position":
        this.board.report(heard);
        this.#around.changed();
        break;
      case "setting":
        this.board.set(heard);
        break;
      case "unknown":
        this.#around.noise(text);
    }
  }

  end(error: ControllerError): void {
    this.#isOver = true;
    this.#flow.end(error);
    this.board.lose();
  }

  async move(targets: ReadonlyMap<Letter, number>, speed: number, seconds: number): Promise<void> {
    this.#isBraking = false;
    await this.#moving(async () => {
      await this.command(moveLine(targets, speed * 60));
      const { clock } = this.#around;
      const until = clock.monotonic() + seconds * 1000;
      while (!this.#isBraking && !this.board.areAt(targets) && clock.monotonic() < until) {
        await wait(clock, pollMs);
        if (!this.#isBraking) await this.#look();
      }
      await this.command("M400");
      await this.#look();
    });
    if (!this.#isBraking && !this.board.areAt(targets))
      throw failed(
        "it stands still before its target",
        "Look at the machine and its endstops (M119), then home it.",
      );
  }

  async home(letters: readonly Letter[], seconds: number): Promise<void> {
    this.#isBraking = false;
    await this.#moving(async () => {
      await this.#flow.send(["G28", ...letters].join(" "), seconds);
      await this.#look();
    });
    if (this.#isBraking) throw failed("homing was broken off", "Home it, when its way is free.");
    this.board.home(letters);
    this.#around.changed();
  }

  command(text: string): Promise<void> {
    return this.#flow.send(text, this.#around.timeoutSeconds);
  }

  brake(): void {
    this.#isBraking = true;
    // It stops on the spot, without a ramp: steps may be lost.
    this.board.lose();
    this.#flow
      .urgent("M410", this.#around.timeoutSeconds)
      .catch((error: unknown) => this.#around.log.debug({ problem: String(error) }, "M410 has no answer"));
  }

  /** M112 would end it too, but also let go of the motors, and only its reset button brings it back: the last resort. */
  async halt(): Promise<void> {
    const { clock, write } = this.#around;
    this.#isBraking = true;
    if (this.#isMoving) this.board.lose();
    const answer = this.#flow.urgent("M410", 2 * longestHaltSeconds);
    const halted = await within(clock, longestHaltSeconds * 1000, () => answer);
    if (!halted.isLate) return this.#look();
    write("M112\n");
    throw noAnswer(longestHaltSeconds);
  }

  async #moving(work: () => Promise<void>): Promise<void> {
    this.#isMoving = true;
    try {
      await work();
    } finally {
      this.#isMoving = false;
    }
  }

  #look(): Promise<void> {
    return this.command("M114");
  }

  /** Whether it is still there, and where it stands. */
  #beat(): void {
    this.#around.clock.after(heartbeatMs, () => {
      if (this.#isOver) return;
      // A late answer is told through `gone`.
      if (!this.#isMoving) this.#look().catch(() => undefined);
      this.#beat();
    });
  }
}
