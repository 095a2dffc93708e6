// What a Marlin controller has said about itself: its settings and where its axes stand. Asks nothing.
import type { Board, Travel } from "../firmware.ts";
import type { Letter } from "../options.ts";
import type { Heard, SettingCode, Values } from "./text.ts";

/** A position has two decimals. */
const roundedTo = 0.01;

export class MarlinBoard implements Board {
  readonly #settings = new Map<SettingCode, Values>();
  /** Of every move that prints nothing. */
  #travelAcceleration: number | null = null;
  /** Where homing left those that were homed, and whether they still know. */
  readonly #homes = new Map<Letter, { readonly position: number; isHomed: boolean }>();
  #planned: Values = {};
  #steps: Values = {};

  set({ code, values, travel }: Extract<Heard, { kind: "setting" }>): void {
    this.#settings.set(code, values);
    this.#travelAcceleration = travel ?? this.#travelAcceleration;
  }

  report({ planned, steps }: Extract<Heard, { kind: "position" }>): void {
    [this.#planned, this.#steps] = [planned, steps];
  }

  /** Its steps, where it counts them for this axis: what it calls its position is where it wants to be. */
  position(letter: Letter): number | undefined {
    const [steps, perUnit] = [this.#steps[letter], this.#of("M92", letter)];
    return steps !== undefined && perUnit ? steps / perUnit : this.#planned[letter];
  }

  travel(letter: Letter): Travel | null {
    const [topSpeed, acceleration] = [this.#of("M203", letter), this.#of("M201", letter)];
    if (this.#planned[letter] === undefined || topSpeed === undefined || acceleration === undefined)
      return null;
    return {
      topSpeed,
      acceleration: Math.min(acceleration, this.#travelAcceleration ?? acceleration),
      resolution: 1 / (this.#of("M92", letter) ?? 100) + roundedTo,
    };
  }

  canHome(): boolean {
    return true;
  }

  homePosition(letter: Letter): number | null {
    return this.#homes.get(letter)?.position ?? null;
  }

  isHomed(letter: Letter): boolean {
    return this.#homes.get(letter)?.isHomed ?? false;
  }

  home(homed: readonly Letter[]): void {
    for (const letter of homed)
      this.#homes.set(letter, { position: this.position(letter) ?? 0, isHomed: true });
  }

  lose(): void {
    for (const home of this.#homes.values()) home.isHomed = false;
  }

  areAt(targets: ReadonlyMap<Letter, number>): boolean {
    return [...targets].every(([letter, target]) => {
      const off = Math.abs((this.position(letter) ?? Number.NaN) - target);
      return off <= (this.travel(letter)?.resolution ?? 0);
    });
  }

  #of(code: SettingCode, letter: Letter): number | undefined {
    return this.#settings.get(code)?.[letter];
  }
}
