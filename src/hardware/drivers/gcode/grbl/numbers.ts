// What Grbl's numbers mean, and what to do about them.
// Source: https://github.com/gnea/grbl/blob/master/doc/csv/error_codes_en_US.csv and alarm_codes_en_US.csv
import { ControllerError, failed } from "../controller-error.ts";

type Meaning = readonly [problem: string, remedy: string];

const homeIt = "Home it, when its way is free.";
const reconnect = "POST /devices/{device}/reconnect connects it anew.";
const report = "Look at what the profile sends (turn_on, turn_off), and at the controller's version.";

const errors: Readonly<Record<number, Meaning>> = {
  1: ["a word without its letter", report],
  2: ["a number that it cannot read", report],
  3: ["a $ command that it does not know", "Check that it runs Grbl 1.1, and not an older one."],
  4: ["a negative value where it needs a positive one", report],
  5: ["homing is not enabled", "Enable it with $22=1 where the axes have switches."],
  6: ["a step pulse below 3 microseconds", "Set $0 to 3 or more."],
  7: ["its memory could not be read and has its defaults again", "Set its $ settings anew, then reconnect."],
  8: ["a $ command while it was not idle", "Wait until it stands still."],
  9: ["G-code is locked after an alarm, or while it jogs", homeIt],
  10: ["soft limits need homing", "Set $22=1 before $20=1."],
  11: ["a line longer than it can take", report],
  12: ["a setting beyond its step rate", "Lower $110 to $115, or the steps per unit."],
  13: ["its safety door is open", "Close the door."],
  14: ["a line longer than its memory takes", report],
  15: [
    "the target is beyond the travel that the controller has set",
    "Let $130 to $135 fit the limits of the profile.",
  ],
  16: ["a jog that it does not take", "Check that it runs Grbl 1.1, and not an older one."],
  17: ["laser mode needs a PWM output", "Set $32=0, or use a board with a PWM output."],
  20: ["a command that it does not know", report],
  21: ["two commands of one group in a line", report],
  22: ["no feed rate", report],
  23: ["a command that needs a whole number", report],
  24: ["two commands that need axis words in a line", report],
  25: ["a word twice in a line", report],
  26: ["a command without its axis words", report],
  27: ["a line number beyond its range", report],
  28: ["a command without its value", report],
  29: ["a coordinate system that it does not have", report],
  30: ["G53 without G0 or G1", report],
  31: ["axis words that no command uses", report],
  32: ["an arc without axis words in its plane", report],
  33: ["a target that is not valid", report],
  34: ["an arc that its radius does not reach", report],
  35: ["an arc without its offsets", report],
  36: ["words that no command uses", report],
  37: ["a tool length offset for an axis that has none", report],
  38: ["a tool number beyond its range", report],
};

const alarms: Readonly<Record<number, Meaning>> = {
  1: ["it ran into a limit switch", homeIt],
  2: ["a target beyond its soft limits", "Let $130 to $135 fit the limits of the profile."],
  3: ["it was reset while it moved; steps may be lost", homeIt],
  4: ["the probe was not as it should be before probing", homeIt],
  5: ["the probe touched nothing", homeIt],
  6: ["homing was broken off", homeIt],
  7: ["the safety door was opened while it homed", `Close the door. ${homeIt}`],
  8: [
    "the limit switch stayed pressed after the pull-off",
    "Raise the pull-off ($27), and check the wiring.",
  ],
  9: ["homing found no limit switch", "Check the switches and their wiring, and the travel ($130 to $135)."],
  10: ["homing of a second motor found no limit switch", "Check the switches and their wiring."],
};

/** Alarms after which Grbl does nothing until it is reset. */
export const critical: ReadonlySet<number> = new Set([1, 2]);
/** Alarms that Grbl does not follow with a reset of its own. */
export const withoutReset: ReadonlySet<number> = new Set([4, 5]);
/** After these it still knows where it stands. */
export const keepsPosition: ReadonlySet<number> = new Set([2, 4, 5]);

export function errorOf(number: number): ControllerError {
  if (number === 15)
    return new ControllerError("OUT_OF_LIMITS", {
      limits: "narrower in the controller ($130 to $135)",
      grbl_error: 15,
    });
  const [problem, remedy] = errors[number] ?? [
    "a number of its own",
    "Look it up in the manual of its firmware.",
  ];
  return failed(`the controller says error:${number}, ${problem}`, remedy, { grbl_error: number });
}

export function alarmOf(number: number): ControllerError {
  if (number === 1) return new ControllerError("LIMIT_HIT", { grbl_alarm: 1 });
  const [problem, remedy] = alarms[number] ?? [
    "a number of its own",
    "Look it up in the manual of its firmware.",
  ];
  return failed(`the controller says ALARM:${number}, ${problem}`, remedy, { grbl_alarm: number });
}

/** Why it does not move in this state, or null where it does. */
export function refusalIn(state: string, canHome: boolean): ControllerError | null {
  const [word = ""] = state.split(":");
  if (word === "Idle" || word === "Jog" || word === "Run" || state === "Door:0") return null;
  if (word === "Alarm" && canHome) return new ControllerError("NOT_HOMED");
  const [problem, remedy] = states[word] ?? [`the controller is in its state ${state}`, reconnect];
  return failed(problem, remedy);
}

const states: Readonly<Record<string, Meaning>> = {
  Alarm: ["the controller is locked after an alarm", `Look at the machine. ${reconnect}`],
  Hold: ["somebody pressed feed hold", `Press cycle start at the machine. ${reconnect}`],
  Door: ["the safety door is open", "Close the door."],
  Sleep: ["the controller sleeps", reconnect],
  Check: ["the controller only checks G-code ($C)", reconnect],
};
