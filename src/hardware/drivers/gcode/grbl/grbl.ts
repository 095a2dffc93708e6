// What Grbl 1.1 does for us: moves are jogs, so that a brake leaves nothing behind.
import { ControllerError, failed, noAnswer } from "../controller-error.ts";
import type { Firmware, Surroundings } from "../firmware.ts";
import type { Letter } from "../options.ts";
import { GrblBoard } from "./board.ts";
import { CountedFlow } from "./counted-flow.ts";
import { alarmOf, critical, errorOf, keepsPosition, refusalIn, withoutReset } from "./numbers.ts";
import { Reset } from "./reset.ts";
import { StatusWatch } from "./status-watch.ts";
import { isStill, jog, parse, realTime, type Status } from "./text.ts";

/** How long it may take to brake before it is reset in mid-move. */
const longestBrakeMs = 3000;

export class Grbl implements Firmware {
  readonly resetsOutputs = true;
  readonly board = new GrblBoard();
  readonly #around: Surroundings;
  readonly #flow: CountedFlow;
  readonly #watch: StatusWatch;
  readonly #reset: Reset;
  #alarm: number | null = null;
  #isStarting = true;
  #hasBegunAgain = false;
  #isHoming = false;
  #isBraking = false;

  constructor(around: Surroundings) {
    this.#around = around;
    const { clock, write } = around;
    const silent = (seconds: number): void => around.gone(noAnswer(seconds));
    this.#flow = new CountedFlow({ clock, write, silent });
    this.#reset = new Reset(clock, write);
    this.#watch = new StatusWatch({ clock, silent, ask: () => write(realTime.status) });
  }

  async start(): Promise<void> {
    await this.#beginAnew(this.#around.timeoutSeconds * 1000);
    while (this.#isStarting) await this.#introduce();
  }

  async #introduce(): Promise<void> {
    this.#hasBegunAgain = false;
    try {
      for (const line of ["$I", "$$"]) await this.command(line);
      const { state } = await this.#watch.until(() => true);
      // Whoever opens a controller that cannot home has to take it as it stands.
      if (state === "Alarm" && !this.board.canHome()) await this.command("$X");
      this.#isStarting = false;
    } catch (error) {
      // A second reset was on its way when the first was answered.
      if (!this.#hasBegunAgain) throw error;
    }
  }

  heard(text: string): void {
    const heard = parse(text);
    switch (heard.kind) {
      case "ok":
        if (!this.#flow.answered(null)) this.#around.noise(text);
        break;
      case "error":
        if (!this.#flow.answered(errorOf(heard.number))) this.#around.noise(text);
        break;
      case "alarm":
        this.#alarmed(heard.number);
        break;
      case "status":
        if (this.board.report(heard.status)) this.#around.changed();
        this.#reported(heard.status);
        break;
      case "welcome":
        this.#began();
        break;
      case "setting":
        this.board.set(heard.number, heard.value);
        break;
      case "message":
        if (heard.tag === "OPT") this.#flow.capacity = this.board.built(heard.text);
        if (heard.tag === "MSG")
          this.#around.log.info({ message: heard.text }, "the controller says something");
        break;
      case "unknown":
        this.#around.noise(text);
    }
  }

  end(error: ControllerError): void {
    this.#flow.end(error);
    this.#watch.end(error);
    this.#reset.end(error);
    this.board.lose();
  }

  async move(targets: ReadonlyMap<Letter, number>, speed: number): Promise<void> {
    this.#isBraking = false;
    const refusal = refusalIn(this.board.state, this.board.canHome());
    if (refusal) throw refusal;
    if (this.board.state === "Door:0") await this.#resume();
    await this.command(jog(targets, speed * 60));
    if (this.#isBraking) this.brake();
    const { state } = await this.#watch.until(isStill);
    if (state === "Alarm")
      throw this.#alarm === null ? new ControllerError("NOT_HOMED") : alarmOf(this.#alarm);
    if (this.#isBraking) return;
    if (!this.board.areAt(targets))
      throw failed(
        "it stands still before its target: feed hold, or a door",
        "Look at the machine, then move it again.",
      );
  }

  async home(letters: readonly Letter[], seconds: number): Promise<void> {
    if (!this.board.canHome()) throw errorOf(5);
    this.#isHoming = true;
    this.#isBraking = false;
    this.#watch.rest();
    try {
      if (this.board.homesEach) for (const letter of letters) await this.#flow.send(`$H${letter}`, seconds);
      else await this.#flow.send("$H", seconds);
    } finally {
      this.#isHoming = false;
      this.#watch.wake();
    }
    await this.#watch.until(isStill);
    this.board.home(letters);
    this.#around.changed();
  }

  command(text: string): Promise<void> {
    return this.#flow.send(text, this.#around.timeoutSeconds);
  }

  brake(): void {
    this.#isBraking = true;
    const { write, timeoutSeconds, gone } = this.#around;
    // While it homes it listens to nothing but a reset.
    if (this.#isHoming) this.#beginAnew().catch(gone);
    else write(realTime.jogCancel);
    this.#watch.limit(timeoutSeconds);
  }

  async halt(): Promise<void> {
    this.#isBraking = true;
    if (!this.#isHoming) {
      this.#around.write(realTime.feedHold);
      await this.#watch.within(longestBrakeMs, isStill);
    }
    // What waits in its buffers is gone, spindle, laser and coolant are off. At a standstill it keeps its position.
    await this.#beginAnew();
    await this.#watch.until(() => true);
  }

  /** The door is closed again, and somebody asks for a move: it may go on, once the spindle is up to speed. */
  async #resume(): Promise<void> {
    const { write, timeoutSeconds } = this.#around;
    write(realTime.resume);
    const isReady = await this.#watch.within(timeoutSeconds * 1000, ({ state }) => !state.startsWith("Door"));
    if (!isReady) throw noAnswer(timeoutSeconds);
  }

  async #beginAnew(mostMs?: number): Promise<void> {
    this.#watch.rest();
    try {
      await this.#reset.now(mostMs);
    } finally {
      this.#watch.wake();
    }
  }

  #began(): void {
    const wasExpected = this.#reset.isExpected;
    const reset = failed("the controller was reset", "Look at its power and its reset button.");
    if (!wasExpected && !this.#isStarting) {
      this.#around.gone(reset);
      return;
    }
    this.#hasBegunAgain = !wasExpected;
    this.#flow.drop(this.#alarm === null ? reset : alarmOf(this.#alarm));
    this.#reset.welcomed();
  }

  #alarmed(number: number): void {
    this.#alarm = number;
    this.board.state = "Alarm";
    this.#around.changed();
    this.#around.log.warn({ alarm: number }, "the controller is in alarm");
    if (!keepsPosition.has(number)) this.board.lose();
    if (withoutReset.has(number) || this.#reset.isExpected) return;
    void this.#reset.expect();
    if (critical.has(number)) this.#around.write(realTime.softReset);
  }

  #reported(status: Status): void {
    // A jog that began after its cancel had arrived.
    if (this.#isBraking && status.state === "Jog") this.#around.write(realTime.jogCancel);
    if (status.state !== "Alarm") this.#alarm = null;
    this.#watch.heard(status);
  }
}
