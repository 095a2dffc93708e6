// What Grbl 1.1 says and is told, as text. Source: https://github.com/gnea/grbl/blob/master/doc/markdown/interface.md
import { type Letter, letters } from "../options.ts";

/** Single characters that Grbl takes out of its buffer as they arrive. */
export const realTime = {
  status: "?",
  resume: "~",
  feedHold: "!",
  softReset: "\x18",
  jogCancel: "\x85",
} as const;

export interface Status {
  /** As in `Idle`, `Jog`, `Hold:0`. */
  readonly state: string;
  /** Machine positions in the order of the letters, as reported: millimetres, or inches where `$13=1`. */
  readonly machine: readonly number[] | null;
  readonly work: readonly number[] | null;
  /** From the machine's position to the work's; now and then. */
  readonly offset: readonly number[] | null;
}

/** `Hold:1` and `Door:2` brake, `Door:3` begins to move again. */
export const isStill = ({ state }: Status): boolean => !/^(Jog|Run|Home|Hold:1|Door:[23])/.test(state);

export type Heard =
  | { readonly kind: "ok" }
  | { readonly kind: "error" | "alarm"; readonly number: number }
  | { readonly kind: "status"; readonly status: Status }
  | { readonly kind: "welcome"; readonly version: string }
  | { readonly kind: "setting"; readonly number: number; readonly value: number }
  | { readonly kind: "message"; readonly tag: string; readonly text: string }
  | { readonly kind: "unknown" };

const unknown: Heard = { kind: "unknown" };

export function parse(text: string): Heard {
  if (text === "ok") return { kind: "ok" };
  if (text.startsWith("<")) return parseStatus(text);
  const [, word, number] = /^(error|ALARM):(\d{1,3})$/.exec(text) ?? [];
  if (word) return { kind: word === "ALARM" ? "alarm" : "error", number: Number(number) };
  const [, setting, value] = /^\$(\d{1,3})=(-?\d+(?:\.\d+)?)(?:\s.*)?$/.exec(text) ?? [];
  if (setting) return { kind: "setting", number: Number(setting), value: Number(value) };
  const [, version] = /^Grbl(?:HAL)? (\d\S*)/i.exec(text) ?? [];
  if (version) return { kind: "welcome", version };
  const [, tag, message = ""] = /^\[([A-Z0-9]+):(.*)\]$/.exec(text) ?? [];
  if (tag) return { kind: "message", tag, text: message };
  // Settings in words, as forks have them.
  if (/^\$[A-Z0-9/]+=/.test(text)) return { kind: "message", tag: "setting", text };
  // What Grbl runs by itself at its start: `>G20G54:ok`.
  if (/^>.*:(ok|error:\d+)$/.test(text)) return { kind: "message", tag: "startup", text };
  return unknown;
}

function parseStatus(text: string): Heard {
  const [, state, rest = ""] = /^<([A-Z][a-z]+(?::\d)?)((?:\|[A-Za-z]+:[^|<>]*)*)>$/.exec(text) ?? [];
  if (!state) return unknown;
  const fields = new Map(
    rest
      .split("|")
      .slice(1)
      .map((field) => field.split(":", 2) as [string, string]),
  );
  const [machine, work, offset] = ["MPos", "WPos", "WCO"].map((name) => numbers(fields.get(name)));
  if (machine === undefined || work === undefined || offset === undefined) return unknown;
  return { kind: "status", status: { state, machine, work, offset } };
}

/** Null where there are none, undefined where they cannot be read. */
function numbers(text: string | undefined): number[] | null | undefined {
  if (text === undefined) return null;
  const parts = text.split(",");
  return parts.every((part) => /^-?\d+(\.\d+)?$/.test(part)) ? parts.map(Number) : undefined;
}

/** A jog to machine coordinates: can be cancelled at any time, and changes nothing for what comes after it. */
export function jog(targets: ReadonlyMap<Letter, number>, feedPerMinute: number): string {
  const words = letters.flatMap((letter) => {
    const target = targets.get(letter);
    return target === undefined ? [] : [`${letter}${decimals(target)}`];
  });
  return `$J=G53G21${words.join("")}F${decimals(feedPerMinute)}`;
}

/** To three decimals, as Grbl reports; without what a line of 80 characters has no room for. */
const decimals = (value: number): string => String(Number(value.toFixed(3)));

export const settingNumbers = {
  inches: 13,
  homing: 22,
  homesToMin: 23,
  pullOff: 27,
  /** And the following ones, one for each axis. */
  stepsPerUnit: 100,
  topSpeedPerMinute: 110,
  acceleration: 120,
  maxTravel: 130,
} as const;
