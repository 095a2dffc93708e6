// One thing the doctor has looked at.
import { isRuntimeError, sentenceOf } from "../../errors/runtime-error.ts";

/** `note`: works, but worth knowing. */
export type Level = "fine" | "note" | "wrong";

export interface Finding {
  readonly level: Level;
  readonly sentence: string;
  readonly remedy?: string | null;
}

export interface Chapter {
  readonly title: string;
  readonly findings: readonly Finding[];
}

export const fine = (sentence: string): Finding => ({ level: "fine", sentence });
export const note = (sentence: string, remedy?: string): Finding =>
  remedy === undefined ? { level: "note", sentence } : { level: "note", sentence, remedy };
export const wrong = (sentence: string, remedy: string | null): Finding => ({
  level: "wrong",
  sentence,
  remedy,
});

/** Whatever was thrown, as a finding. */
export function wrongBy(error: unknown): Finding {
  if (isRuntimeError(error)) return wrong(error.message, error.remediation);
  const remedy = error instanceof Error && "remedy" in error ? String(error.remedy) : null;
  return wrong(sentenceOf(error), remedy);
}
