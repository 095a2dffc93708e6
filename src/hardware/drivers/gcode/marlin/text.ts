// What Marlin says and is told, as text. Source: https://marlinfw.org/docs/gcode/ and queue.cpp of Marlin 2.
import { type Letter, letters } from "../options.ts";

export type Values = Readonly<Partial<Record<Letter, number>>>;

export type Heard =
  | { readonly kind: "ok" | "start" | "busy" | "halted" | "note" }
  | { readonly kind: "resend"; readonly number: number }
  /** Said before a `resend`: tells nothing more. */
  | { readonly kind: "line_error" }
  | { readonly kind: "error"; readonly problem: string }
  | { readonly kind: "position"; readonly planned: Values; readonly steps: Values }
  | {
      readonly kind: "setting";
      readonly code: SettingCode;
      readonly values: Values;
      readonly travel: number | null;
    }
  | { readonly kind: "unknown" };

/** Steps per unit, acceleration, top speed, acceleration of every move. */
export type SettingCode = "M92" | "M201" | "M203" | "M204";

export function parse(text: string): Heard {
  if (/^ok\b/.test(text)) return { kind: "ok" };
  if (text === "start") return { kind: "start" };
  const [, number] = /^(?:Resend:|rs) ?N?(\d+)$/.exec(text) ?? [];
  if (number) return { kind: "resend", number: Number(number) };
  if (/^(echo:)?busy:/.test(text)) return { kind: "busy" };
  if (/kill\(\) called|Printer halted|KILLED/.test(text)) return { kind: "halted" };
  if (/^Error:.*(Last Line|checksum|Checksum)/.test(text)) return { kind: "line_error" };
  const [, problem] = /^(?:Error:|echo:(?=Unknown command))\s*(.+)$/.exec(text) ?? [];
  if (problem) return { kind: "error", problem };
  const [, code, words = ""] = /^(?:echo:)?\s*(M92|M201|M203|M204) (.*)$/.exec(text) ?? [];
  if (code) {
    const travel = /\bT(-?\d+(?:\.\d+)?)/.exec(words)?.[1];
    return {
      kind: "setting",
      code: code as SettingCode,
      values: valuesOf(words),
      travel: travel ? Number(travel) : null,
    };
  }
  const [, planned, counted = ""] = /^((?:[A-Z]: ?-?\d+(?:\.\d+)? ?)+)(?:Count (.*))?$/.exec(text) ?? [];
  if (planned?.startsWith("X:"))
    return { kind: "position", planned: valuesOf(planned), steps: valuesOf(counted) };
  if (/^(echo:|\/\/|Cap:|FIRMWARE_NAME:|wait$|T:|Marlin)/.test(text)) return { kind: "note" };
  return { kind: "unknown" };
}

function valuesOf(words: string): Values {
  const found = words.matchAll(/([A-Z]):? ?(-?\d+(?:\.\d+)?)/g);
  const known = new Set<string>(letters);
  return Object.fromEntries(
    [...found].flatMap(([, letter = "", value]) => (known.has(letter) ? [[letter, Number(value)]] : [])),
  );
}

/** With its number and checksum: `N3 G28 X*41`. The checksum is the exclusive or of all characters before the star. */
export function numbered(number: number, line: string): string {
  const text = `N${number} ${line}`;
  const checksum = Buffer.from(text, "latin1").reduce((sum, byte) => sum ^ byte, 0);
  return `${text}*${checksum}`;
}

/** @param feedPerMinute along the way */
export function moveLine(targets: ReadonlyMap<Letter, number>, feedPerMinute: number): string {
  const words = letters.flatMap((letter) => {
    const target = targets.get(letter);
    return target === undefined ? [] : [` ${letter}${decimals(target)}`];
  });
  return `G1${words.join("")} F${decimals(feedPerMinute)}`;
}

const decimals = (value: number): string => String(Number(value.toFixed(3)));
