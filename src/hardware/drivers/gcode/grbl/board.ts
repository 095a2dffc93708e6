// What a Grbl controller has said about itself: its settings and where its axes stand. Asks nothing.
import type { Board, Travel } from "../firmware.ts";
import { type Letter, letters } from "../options.ts";
import { settingNumbers as numbers, type Status } from "./text.ts";

export class GrblBoard implements Board {
  readonly #settings = new Map<number, number>();
  #machine: readonly number[] = [];
  #offset: readonly number[] = [];
  #options = "";
  readonly #homed = new Set<Letter>();
  state = "";

  set(number: number, value: number): void {
    this.#settings.set(number, value);
  }

  /** `[OPT:VH,15,128]`: letters, blocks, characters. @returns the characters its receive buffer has room for */
  built(text: string): number {
    const [options = "", , characters] = text.split(",");
    this.#options = options;
    return Number(characters) || 128;
  }

  /** @returns whether anything is new */
  report({ state, machine, work, offset }: Status): boolean {
    const scale = this.#of(numbers.inches) === 1 ? 25.4 : 1;
    const before = `${this.state} ${this.#machine}`;
    this.state = state;
    if (offset) this.#offset = offset;
    const reported = machine ?? work?.map((value, at) => value + (this.#offset[at] ?? 0));
    if (reported) this.#machine = reported.map((value) => value * scale);
    return before !== `${this.state} ${this.#machine}`;
  }

  position(letter: Letter): number | undefined {
    return this.#machine[letters.indexOf(letter)];
  }

  travel(letter: Letter): Travel | null {
    if (this.position(letter) === undefined) return null;
    const at = letters.indexOf(letter);
    const topSpeed = this.#settings.get(numbers.topSpeedPerMinute + at);
    const acceleration = this.#settings.get(numbers.acceleration + at);
    if (topSpeed === undefined || acceleration === undefined) return null;
    const step = 1 / (this.#of(numbers.stepsPerUnit + at) || 1000);
    return { topSpeed: topSpeed / 60, acceleration, resolution: step + 0.001 };
  }

  canHome(): boolean {
    // grblHAL and FluidNC use further bits of it.
    return (this.#of(numbers.homing) & 1) === 1;
  }

  /** Whether one axis can be homed without the others. */
  get homesEach(): boolean {
    return this.#options.includes("H");
  }

  /** Where the pull-off leaves it, by `limits_go_home` of Grbl's limits.c. */
  homePosition(letter: Letter): number {
    // Built with HOMING_FORCE_SET_ORIGIN it calls that place zero.
    if (this.#options.includes("Z")) return 0;
    const at = letters.indexOf(letter);
    const pullOff = this.#of(numbers.pullOff);
    const toMin = (this.#of(numbers.homesToMin) >> at) & 1;
    return toMin ? pullOff - this.#of(numbers.maxTravel + at) : -pullOff;
  }

  isHomed(letter: Letter): boolean {
    return this.#homed.has(letter);
  }

  /** @param homed those that were asked for; a board that homes all at once has homed all */
  home(homed: readonly Letter[]): void {
    for (const letter of this.homesEach ? homed : letters) this.#homed.add(letter);
  }

  lose(): void {
    this.#homed.clear();
  }

  areAt(targets: ReadonlyMap<Letter, number>): boolean {
    return [...targets].every(([letter, target]) => {
      const off = Math.abs((this.position(letter) ?? Number.NaN) - target);
      return off <= (this.travel(letter)?.resolution ?? 0);
    });
  }

  #of(number: number): number {
    return this.#settings.get(number) ?? 0;
  }
}
