// The version of this package, as its package.json says.
import { readFile } from "node:fs/promises";
import path from "node:path";

export async function version(): Promise<string> {
  const text = await readFile(path.join(import.meta.dirname, "../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
