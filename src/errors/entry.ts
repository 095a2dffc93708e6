// What is said of an error: its kind, its sentence, its remedy.

/** What sort of failure it is; only the API maps kinds to HTTP. */
export type ErrorKind =
  | "invalid" // the request can never succeed as it is
  | "not_found"
  | "conflict" // not in this state, perhaps in another
  | "too_large"
  | "malformed" // could not even be read
  | "forbidden"
  | "unauthorized"
  | "unsupported"
  | "unavailable" // try again later
  | "task" // a task's own failure, never an HTTP status
  | "broken"; // our fault, or the machine's

/** `{word}` in a sentence or remedy is filled from the error's details. */
export interface CatalogueEntry {
  readonly kind: ErrorKind;
  readonly sentence: string;
  readonly remedy: string;
}
