// What the lines do that a Grbl stand-in takes. Source: gcode.c, system.c, limits.c of Grbl 1.1h.
import type { GrblStandIn } from "./grbl.ts";
import type { Block } from "./planner.ts";

/** An error's number, or null where it is `ok`. */
type Answer = number | null | Promise<number | null>;

const letters = "XYZABC";
/** What it knows, without the axis words. */
const known = /^(G0|G1|G4|G21|G53|G54|G90|G94|M3|M4|M5|M7|M8|M9|F|S|P|N)$/;

export class GrblCommands {
  readonly #grbl: GrblStandIn;
  /** Told when motion comes to an end, or there is room for more. */
  #waiting: (() => void) | null = null;
  #motion = "G0";
  #feed = 0;

  constructor(grbl: GrblStandIn) {
    this.#grbl = grbl;
  }

  forget(): void {
    this.#waiting = null;
    [this.#motion, this.#feed] = ["G0", 0];
  }

  moved(): void {
    this.#waiting?.();
  }

  run(line: string): Answer {
    if (line.length > 80) return 11;
    if (line.startsWith("$J=")) return this.#jog(line.slice(3));
    return line.startsWith("$") ? this.#system(line) : this.#code(line);
  }

  #system(line: string): Answer {
    const grbl = this.#grbl;
    const [, number, value] = /^\$(\d+)=(-?[\d.]+)$/.exec(line) ?? [];
    if (number) {
      grbl.settings.set(Number(number), Number(value));
      return null;
    }
    if (!["Idle", "Alarm"].includes(grbl.state)) return 8;
    if (/^\$H[XYZABC]?$/.test(line)) return this.#home(line.slice(2));
    if (line === "$$") for (const [key, setting] of grbl.settings) grbl.say(`$${key}=${setting}\r\n`);
    else if (line === "$I")
      grbl.say(`[VER:1.1h.20190830:]\r\n[OPT:V${grbl.options.homesEach ? "H" : ""},15,128]\r\n`);
    else if (line === "$X") grbl.alarm = null;
    else return 3;
    return null;
  }

  /** Towards the switch at half speed, back by the pull-off; the switch is at 0, or at the other end of the travel. */
  async #home(letter: string): Promise<number | null> {
    const grbl = this.#grbl;
    const of = (number: number): number => grbl.settings.get(number) ?? 0;
    if (!(of(22) & 1)) return 5;
    if (letter !== "" && !grbl.options.homesEach) return 3;
    const homes = (axis: number): boolean => letter === "" || letters[axis] === letter;
    const { planner } = grbl;
    const toMin = (axis: number): boolean => ((of(23) >> axis) & 1) === 1;
    const at = (ends: (axis: number) => number): number[] =>
      planner.position.map((now, axis) => (homes(axis) ? ends(axis) : now));
    const end = (axis: number): number => (toMin(axis) ? -of(130 + axis) : 0);
    const pulledOff = (axis: number): number => end(axis) + (toMin(axis) ? of(27) : -of(27));
    grbl.alarm = null;
    grbl.isHoming = true;
    const speed = of(25) / 60;
    planner.add({ to: at(end), speed, isJog: false });
    planner.add({ to: at(pulledOff), speed, isJog: false });
    await this.#until(() => planner.isEmpty);
    grbl.isHoming = false;
    return null;
  }

  #jog(words: string): Answer {
    const grbl = this.#grbl;
    if (grbl.state !== "Idle" && grbl.state !== "Jog") return 8;
    const parsed = parse(words);
    if (typeof parsed === "number") return parsed;
    if (!parsed.has("F")) return 22;
    if (!words.includes("G53")) return 16;
    const to = this.#target(parsed);
    if (!this.#isInside(to)) return 15;
    return this.#add({ to, speed: (parsed.get("F") ?? 0) / 60, isJog: true });
  }

  #code(line: string): Answer {
    const grbl = this.#grbl;
    if (grbl.state === "Alarm" || grbl.state === "Jog") return 9;
    const parsed = parse(line);
    if (typeof parsed === "number") return parsed;
    for (const motion of ["G0", "G1"]) if (parsed.has(motion)) this.#motion = motion;
    this.#feed = parsed.get("F") ?? this.#feed;
    if ([...parsed.keys()].some((word) => /^M[345789]$/.test(word))) return this.#switch(parsed);
    if (![...letters].some((letter) => parsed.has(letter))) return null;
    if (this.#motion === "G1" && this.#feed === 0) return 22;
    const to = this.#target(parsed);
    if (!this.#isInside(to)) {
      grbl.raise(2);
      return null;
    }
    const speed = this.#motion === "G0" ? Number.POSITIVE_INFINITY : this.#feed / 60;
    return this.#add({ to, speed, isJog: false });
  }

  async #add(block: Block): Promise<null> {
    const { planner } = this.#grbl;
    await this.#until(() => !planner.isFull);
    planner.add(block);
    return null;
  }

  /** Outputs change where the motion before them has ended. */
  async #switch(words: ReadonlyMap<string, number>): Promise<null> {
    const { planner, outputs } = this.#grbl;
    await this.#until(() => planner.isEmpty);
    if (words.has("M3") || words.has("M4")) outputs.spindle = true;
    if (words.has("M5")) outputs.spindle = false;
    if (words.has("M7") || words.has("M8")) outputs.coolant = true;
    if (words.has("M9")) outputs.coolant = false;
    return null;
  }

  async #until(is: () => boolean): Promise<void> {
    while (!is())
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
  }

  #target(words: ReadonlyMap<string, number>): number[] {
    return this.#grbl.planner.planned.map((now, axis) => words.get(letters[axis] ?? "") ?? now);
  }

  #isInside(to: readonly number[]): boolean {
    const { settings } = this.#grbl;
    if (settings.get(20) !== 1) return true;
    return to.every((value, axis) => value <= 0 && value >= -(settings.get(130 + axis) ?? 0));
  }
}

/** Words by what they say: `G1` and its like whole, others by their letter. @returns an error's number for what is no word */
function parse(line: string): Map<string, number> | number {
  const text = line.replaceAll(" ", "").toUpperCase();
  const words = new Map<string, number>();
  let at = 0;
  for (const match of text.matchAll(/([A-Z])(-?\d*\.?\d+)/g)) {
    if (match.index !== at) break;
    at += match[0].length;
    const [, letter = "", value = ""] = match;
    const name = letter === "G" || letter === "M" ? `${letter}${Number(value)}` : letter;
    if (!known.test(name) && !letters.includes(name)) return 20;
    if (words.has(name)) return 25;
    words.set(name, Number(value));
  }
  if (at !== text.length) return /^[A-Z]/.test(text.slice(at)) ? 2 : 1;
  return words;
}
