// A Grbl 1.1h that is not there, as its sources have it: a receive buffer that overflows, real-time characters, alarms,
// homing, soft limits, a planner behind it all. Bytes in, bytes out.
import type { Clock } from "../../../../src/lib/clock.ts";
import { GrblCommands } from "./grbl-commands.ts";
import { axesOf, type GrblSettings, settingsWith } from "./grbl-settings.ts";
import { MainLoop } from "./main-loop.ts";
import { Planner } from "./planner.ts";

export interface GrblOptions {
  readonly clock: Clock;
  /** X, Y, Z and, in forks, A, B, C. */
  readonly axes?: number;
  readonly settings?: Readonly<Record<number, number>>;
  /** Built with HOMING_SINGLE_AXIS_COMMANDS. */
  readonly homesEach?: boolean;
}

export class GrblStandIn {
  readonly settings: GrblSettings;
  readonly planner: Planner;
  readonly options: GrblOptions;
  /** G-code that it took, in its order; what it refused is not there. */
  readonly accepted: string[] = [];
  /** Jogs that it took, in their order. */
  readonly jogs: string[] = [];
  /** Real-time characters, in their order, `?` left out. */
  readonly realTime: string[] = [];
  readonly outputs = { spindle: false, coolant: false };
  /** How long it is busy with a line. */
  lineMs = (): number => 0;
  /** Nobody answers any more. */
  isMute = false;
  alarm: number | null = null;
  isHoming = false;
  say: (text: string) => void = () => undefined;
  readonly #commands: GrblCommands;
  readonly #loop: MainLoop;
  #wantsStatus = false;
  #hold = false;
  #door: "shut" | "closed" | "open" = "shut";
  #cancelsJog = false;

  constructor(options: GrblOptions) {
    this.options = options;
    const count = options.axes ?? 3;
    this.settings = settingsWith(count, options.settings);
    this.planner = new Planner(axesOf(count, this.settings), options.clock, () => this.#moved());
    this.#commands = new GrblCommands(this);
    this.#loop = new MainLoop({
      clock: options.clock,
      busyMs: () => this.lineMs(),
      run: (line) => this.#commands.run(line),
      answer: (line, error) => this.#answer(line, error),
    });
    this.alarm = this.#lockAtStart;
  }

  /** Power is switched on, or the reset button pressed. */
  boot(): void {
    this.planner.kill();
    this.planner.setPosition(this.planner.axes.map(() => 0));
    this.alarm = this.#lockAtStart;
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

  /** Characters that found no room. */
  get lost(): number {
    return this.#loop.lost;
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
      this.#loop.isHalted = true;
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
    this.#loop.take(byte);
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
    this.#loop.clear();
    this.#commands.forget();
    [this.isHoming, this.#hold, this.#cancelsJog] = [false, false, false];
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

  #pump(): void {
    if (this.#wantsStatus && !this.isHoming && !this.#loop.isHalted) {
      this.#wantsStatus = false;
      this.say(this.#status());
    }
    this.#loop.go();
  }

  #answer(line: string, error: number | null): void {
    if (error === null && line.startsWith("$J=")) this.jogs.push(line);
    if (error === null && line !== "" && !line.startsWith("$")) this.accepted.push(line);
    this.say(error === null ? "ok\r\n" : `error:${error}\r\n`);
  }

  /** With homing enabled it is locked until it is homed. */
  get #lockAtStart(): number | null {
    return (this.settings.get(22) ?? 0) & 1 ? 0 : null;
  }

  #status(): string {
    const position = this.planner.position.map((value) => value.toFixed(3)).join(",");
    return `<${this.state}|MPos:${position}|Bf:15,${this.#loop.room}|FS:0,0>\r\n`;
  }
}
