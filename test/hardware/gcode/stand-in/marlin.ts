// A Marlin 2 that is not there: numbered lines with checksums, a short command queue, `busy`, G28, M114, M400, M410.
// Source: queue.cpp, M110.cpp, M114.cpp, M410.cpp of Marlin 2.1. Its board has no emergency parser.
import type { Clock } from "../../../../src/lib/clock.ts";
import { Planner } from "./planner.ts";

const letters = "XYZ";
/** Steps per mm, mm/s, mm/s². */
const axes = [
  { stepsPerUnit: 80, topSpeed: 100, acceleration: 500 },
  { stepsPerUnit: 80, topSpeed: 100, acceleration: 500 },
  { stepsPerUnit: 400, topSpeed: 20, acceleration: 100 },
];
const busyEveryMs = 2000;

export class MarlinStandIn {
  readonly planner: Planner;
  /** What it has done, in its order. */
  readonly done: string[] = [];
  readonly outputs = { fan: false };
  isMute = false;
  /** Noise on the way in: what becomes of a line. */
  mangle = (line: string): string => line;
  say: (text: string) => void = () => undefined;
  readonly #clock: Clock;
  #text = "";
  #queue: string[] = [];
  #isBusy = false;
  #lastLine = 0;
  #waiting: (() => void) | null = null;
  #epoch = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.planner = new Planner(axes, clock, () => this.#waiting?.());
  }

  /** Its reset button. */
  boot(): void {
    this.#epoch++;
    this.planner.kill();
    this.planner.setPosition([0, 0, 0]);
    [this.#queue, this.#isBusy, this.#lastLine] = [[], false, 0];
    this.say("start\necho:Marlin 2.1.2\n");
  }

  receive(bytes: Uint8Array): void {
    if (this.isMute) return;
    const lines = (this.#text + Buffer.from(bytes).toString("latin1")).split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) this.#take(this.mangle(line.trim()));
    void this.#work();
  }

  #take(line: string): void {
    const [, number, text = "", checksum] = /^N(\d+) ?(.*?)\*(\d+)$/.exec(line) ?? [];
    if (number === undefined) {
      if (line.startsWith("N")) this.#askAgain("No Checksum with line number");
      else if (line !== "") this.#queue.push(line);
      return;
    }
    const sum = Buffer.from(line.slice(0, line.lastIndexOf("*")), "latin1").reduce(
      (all, byte) => all ^ byte,
      0,
    );
    if (sum !== Number(checksum)) this.#askAgain("checksum mismatch");
    else if (Number(number) !== this.#lastLine + 1) this.#askAgain("Line Number is not Last Line Number+1");
    else {
      this.#lastLine = Number(number);
      this.#queue.push(text);
    }
  }

  #askAgain(why: string): void {
    this.#queue = [];
    this.say(`Error:${why}, Last Line: ${this.#lastLine}\nResend: ${this.#lastLine + 1}\nok\n`);
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const epoch = this.#epoch;
    for (let line = this.#queue.shift(); line !== undefined; line = this.#queue.shift()) {
      const keepAlive = this.#keepAlive();
      await this.#run(line);
      keepAlive.cancel();
      if (epoch !== this.#epoch) return;
      this.done.push(line);
      this.say("ok\n");
    }
    this.#isBusy = false;
  }

  #keepAlive(): { cancel(): void } {
    let timer = this.#clock.after(busyEveryMs, () => {
      this.say("echo:busy: processing\n");
      timer = this.#keepAlive();
    }) as { cancel(): void };
    return { cancel: () => timer.cancel() };
  }

  async #run(line: string): Promise<void> {
    const words = new Map(
      [...line.matchAll(/([A-Z])(-?\d*\.?\d*)/g)].map(([, letter = "", value]) => [letter, Number(value)]),
    );
    const [code = ""] = line.split(" ");
    const { planner } = this;
    if (code === "M110") this.#lastLine = words.get("N") ?? 0;
    else if (code === "G1" || code === "G0") {
      await this.#until(() => !planner.isFull);
      const to = planner.planned.map((now, axis) => words.get(letters[axis] ?? "") ?? now);
      planner.add({ to, speed: (words.get("F") ?? 3000) / 60, isJog: false });
    } else if (code === "G28") await this.#home(words);
    else if (code === "M400") await this.#until(() => planner.isEmpty);
    else if (code === "M410") {
      planner.kill();
      planner.setPosition(planner.position);
    } else if (code === "M114") this.say(this.#position());
    else if (code === "M503")
      this.say(
        "echo:; Steps per unit:\necho: M92 X80.00 Y80.00 Z400.00 E500.00\necho:; Maximum feedrates (units/s):\n" +
          "echo:  M203 X100.00 Y100.00 Z20.00 E25.00\necho:  M201 X500.00 Y500.00 Z100.00 E10000.00\n" +
          "echo:  M204 P500.00 R3000.00 T500.00\n",
      );
    else if (code === "M106") this.outputs.fan = true;
    else if (code === "M107") this.outputs.fan = false;
    else if (!/^(G21|G90|M5)$/.test(code)) this.say(`echo:Unknown command: "${line}"\n`);
  }

  async #home(words: ReadonlyMap<string, number>): Promise<void> {
    const some = [...letters].some((letter) => words.has(letter));
    const to = this.planner.planned.map((now, axis) => (!some || words.has(letters[axis] ?? "") ? 0 : now));
    this.planner.add({ to, speed: 50, isJog: false });
    await this.#until(() => this.planner.isEmpty);
  }

  #position(): string {
    const word = (values: readonly number[], digits: number): string =>
      values.map((value, axis) => `${letters[axis]}:${value.toFixed(digits)}`).join(" ");
    return `${word(this.planner.planned, 2)} E:0.00 Count ${word(this.planner.steps, 0)}\n`;
  }

  async #until(is: () => boolean): Promise<void> {
    while (!is())
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
  }
}
