// The one error class that carries a catalogue code; recognised by its brand, across threads and second copies.
import { type CatalogueEntry, catalogue, type ErrorCode, type ErrorKind } from "./catalogue.ts";

const brand = Symbol.for("armature.runtime-error");

/** What a program reads of a failure; the same on the wire and on disk. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly details: Record<string, unknown>;
  readonly remediation: string;
}

export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly details: Record<string, unknown>;
  readonly remediation: string;

  /** @param details fills the `{words}` of the catalogue's sentence and remedy, and goes to the client */
  constructor(code: ErrorCode, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    const entry: CatalogueEntry = catalogue[code];
    super(fill(entry.sentence, details), options);
    this.code = code;
    this.kind = entry.kind;
    this.details = details;
    this.remediation = fill(entry.remedy, details);
  }
}

export function isRuntimeError(error: unknown): error is RuntimeError {
  return typeof error === "object" && error !== null && brand in error;
}

export function toFailure(error: RuntimeError): Failure {
  const { hint: _, ...details } = error.details;
  return { code: error.code, message: error.message, details, remediation: error.remediation };
}

/** A sentence for whatever was thrown, without its stack. */
export function sentenceOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return typeof thrown === "string"
    ? thrown
    : `The task threw ${typeof thrown === "object" ? "an object" : String(thrown)}.`;
}

function fill(template: string, details: Record<string, unknown>): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, word: string) => {
    const value = details[word];
    return Array.isArray(value) ? value.join(", ") : String(value ?? "");
  });
  return filled.trim();
}
