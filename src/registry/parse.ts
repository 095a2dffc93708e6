// Finds the line of a syntax error that Node reports without one. Only called when an import has failed.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

export interface SyntaxProblem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

interface Message {
  readonly text: string;
  readonly location: { readonly line: number } | null;
}

/** The part of esbuild that is used here; tsx brings it. */
interface Esbuild {
  transform(text: string, options: { loader: "ts" | "js"; logLevel: "silent" }): Promise<unknown>;
}

/** The first of `files` that does not parse, or null where all of them do. */
export async function findSyntaxError(files: readonly string[]): Promise<SyntaxProblem | null> {
  const tsx = createRequire(import.meta.url).resolve("tsx/esm/api");
  const esbuild: Esbuild = createRequire(tsx)("esbuild");
  for (const file of files) {
    const text = await readFile(file, "utf8").catch(() => "");
    const loader = path.extname(file).endsWith("ts") ? "ts" : "js";
    const failure = await esbuild.transform(text, { loader, logLevel: "silent" }).then(
      () => null,
      (error: { errors?: readonly Message[] }) => error.errors?.[0] ?? null,
    );
    if (failure) return { path: file, line: failure.location?.line ?? 1, message: failure.text };
  }
  return null;
}
