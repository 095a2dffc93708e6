// A Grbl 1.1h that is not there, as its sources have it: a receive buffer that overflows, real-time characters, alarms,
// homing, soft limits, a planner behind it all. Bytes in, bytes out.
import type { Clock } from "../../../../src/lib/clock.ts";
import { GrblCommands } from "./grbl-commands.ts";
import { Planner } from "./planner.ts";

export interface GrblOptions {
  readonly clock: Clock;
  /** X, Y, Z and, in forks, A, B, C. */
  readonly axes?: number;
  readonly settings?: Readonly<Record<number, number>>;
  /** Built with HOMING_SINGLE_AXIS_COMMANDS. */
  readonly homesEach?: boolean;
}

const rxCapacity = 128;

export class GrblStandIn {
  readonly settings: Map<number, number>;
  readonly planner: Planner;
  readonly options: GrblOptions;
  /** G-code that it took, in its order; what it refused is not there. */
  readonly accepted: string[] = [];
  /** Jogs that it took, in their order. */
  readonly jogs: string[] = [];
  /** Real-time characters, in their order, `?` left out. */
  readonly realTime: string[] = [];
  readonly outputs = { spindle: false, coolant: false };
  /** Characters that found no room. */
  lost = 0;
  /** How long it is busy with a line. */
  lineMs = (): number => 0;
  /** Nobody answers any more. */
  isMute = false;
  alarm: number | null = null;
  isHoming = false;
  say: (text: string) => void = () => undefined;
  readonly #commands: GrblCommands;
  #rx: number[] = [];
  #line = "";
  #isBusy = false;
  #wantsStatus = false;
  #hold = false;
  #door: "shut" | "closed" | "open" = "shut";
  #cancelsJog = false;
  #waitsForReset = false;
  #epoch = 0;

  constructor(options: GrblOptions) {
    this.options = options;
    const count = options.axes ?? 3;
    const perAxis = (number: number, value: number) =>
      Array.from({ length: count }, (_, axis) => [number + axis, value] as const);
    this.settings = new Map<number, number>([
      ...([
        [10, 1],
        [13, 0],
        [20, 0],
        [21, 0],
        [22, 1],
        [23, 0],
        [24, 25],
        [25, 500],
        [27, 1],
      ] as const),
      ...perAxis(100, 100),
      ...perAxis(110, 3000),
      ...perAxis(120, 200),
      ...perAxis(130, 200),
      ...Object.entries(options.settings ?? {}).map(([key, value]) => [Number(key), value] as const),
    ]);
    const of = (number: number): number => this.settings.get(number) ?? 0;
    const axes = Array.from({ length: count }, (_, axis) => ({
      stepsPerUnit: of(100 + axis),
      topSpeed: of(110 + axis) / 60,
      acceleration: of(120 + axis),
    }));
    this.planner = new Planner(axes, options.clock, () => this.#moved());
    this.#commands = new GrblCommands(this);
    if (of(22) & 1) this.alarm = 0;
  }

  /** Power is switched on, or the reset button pressed. */
  boot(): void {
    this.planner.kill();
    this.planner.setPosition(this.planner.axes.map(() => 0));
    this.alarm = (this.settings.get(22) ?? 0) & 1 ? 0 : null;
    this.#begin();
  }

  receive(bytes: Uint8Array): void {
    if (this.isMute) return;
    for (const byte of bytes) this.#take(byte);
    this.#pump();
  }

  /** An end switch is pressed. */
  hitLimit(): void {
    this.planner.kill();
    this.raise(1);
  }

  openDoor(): void {
    this.#door = "open";
    this.planner.hold();
    if (!this.planner.isMoving) this.#moved();
  }

  closeDoor(): void {
    this.#door = "closed";
  }

  get state(): string {
    if (this.alarm !== null) return "Alarm";
    if (this.isHoming) return "Home";
    if (this.#door !== "shut")
      return this.#door === "closed" ? "Door:0" : this.planner.isMoving ? "Door:2" : "Door:1";
    if (this.planner.isMoving && this.planner.isJog) return "Jog";
    if (this.#hold) return this.planner.isMoving ? "Hold:1" : "Hold:0";
    return this.planner.isMoving ? "Run" : "Idle";
  }

  /** 1 and 2 are critical: nothing goes on before a reset. */
  raise(alarm: number): void {
    this.alarm = alarm;
    this.isHoming = false;
    this.say(`ALARM:${alarm}\r\n`);
    if (alarm <= 2) {
      this.#waitsForReset = true;
      this.say("[MSG:Reset to continue]\r\n");
    } else if (alarm !== 4 && alarm !== 5) this.#begin();
  }

  #take(byte: number): void {
    const character = String.fromCharCode(byte);
    if (character === "?") {
      this.#wantsStatus = true;
      return;
    }
    if (byte === 0x18 || character === "!" || character === "~" || byte >= 0x80) {
      this.realTime.push(byte === 0x18 ? "reset" : byte === 0x85 ? "jog cancel" : character);
      if (byte === 0x18) this.#reset();
      else if (character === "!") this.#feedHold();
      else if (character === "~") this.#resume();
      else if (byte === 0x85 && this.state === "Jog") this.#cancelJog();
      return;
    }
    if (this.#rx.length < rxCapacity) this.#rx.push(byte);
    else this.lost++;
  }

  #feedHold(): void {
    if (this.state === "Jog") this.#cancelJog();
    else if (this.alarm === null && !this.isHoming) {
      this.#hold = true;
      this.planner.hold();
    }
  }

  #cancelJog(): void {
    this.#cancelsJog = true;
    this.planner.hold();
  }

  #resume(): void {
    if (this.#door === "open") return;
    this.#door = "shut";
    this.#hold = false;
    this.planner.resume();
  }

  #reset(): void {
    if (this.isHoming || this.planner.isMoving) {
      this.alarm = this.isHoming ? 6 : 3;
      this.say(`ALARM:${this.alarm}\r\n`);
    }
    this.planner.kill();
    this.#begin();
  }

  /** What a reset leaves. */
  #begin(): void {
    this.#epoch++;
    this.#rx = [];
    this.#line = "";
    this.#commands.forget();
    [this.#isBusy, this.isHoming, this.#hold, this.#cancelsJog, this.#waitsForReset] = [
      false,
      false,
      false,
      false,
      false,
    ];
    if (this.#door === "closed") this.#door = "shut";
    this.outputs.spindle = false;
    this.outputs.coolant = false;
    this.planner.kill();
    this.say("\r\nGrbl 1.1h ['$' for help]\r\n");
    if (this.alarm !== null) this.say("[MSG:'$H'|'$X' to unlock]\r\n");
  }

  #moved(): void {
    if (this.#cancelsJog && !this.planner.isMoving) {
      this.#cancelsJog = false;
      this.planner.drop();
    }
    if (this.#door === "open" && !this.planner.isMoving) this.planner.drop();
    this.#commands.moved();
    this.#pump();
  }

  /** The main loop: until it is busy, or has nothing more to do. */
  #pump(): void {
    if (this.#wantsStatus && !this.isHoming && !this.#waitsForReset) {
      this.#wantsStatus = false;
      this.say(this.#status());
    }
    while (!this.#isBusy && !this.#waitsForReset) {
      const byte = this.#rx.shift();
      if (byte === undefined) return;
      if (byte !== 10 && byte !== 13) this.#line += String.fromCharCode(byte);
      else {
        const line = this.#line;
        this.#line = "";
        this.#isBusy = true;
        const epoch = this.#epoch;
        const ms = this.lineMs();
        const run = (): void => {
          if (this.#epoch === epoch && !this.#waitsForReset) void this.#run(line, epoch);
        };
        if (ms > 0) this.options.clock.after(ms, run);
        else run();
      }
    }
  }

  async #run(line: string, epoch: number): Promise<void> {
    const answer = this.#commands.run(line);
    const error = answer instanceof Promise ? await answer : answer;
    if (this.#epoch !== epoch || this.#waitsForReset) return;
    if (error === null && line.startsWith("$J=")) this.jogs.push(line);
    if (error === null && line !== "" && !line.startsWith("$")) this.accepted.push(line);
    this.say(error === null ? "ok\r\n" : `error:${error}\r\n`);
    this.#isBusy = false;
    this.#pump();
  }

  #status(): string {
    const position = this.planner.position.map((value) => value.toFixed(3)).join(",");
    return `<${this.state}|MPos:${position}|Bf:15,${rxCapacity - this.#rx.length}|FS:0,0>\r\n`;
  }
}
