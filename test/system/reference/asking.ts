// What a document shows, asked of a server: commands typed into a shell, and requests as they stand in its blocks.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Typed {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are held against what the document shows
  readonly body: any;
}

/** @param command one curl */
export async function type(command: string): Promise<Typed> {
  const script = `curl() { command curl -sS -w '\\n%{http_code}' "$@"; }\n${command}`;
  const { stdout } = await promisify(execFile)("sh", ["-euc", script], { env: { PATH: process.env.PATH } });
  const [, text = "", status = ""] = /^(.*)\n(\d{3})$/s.exec(stdout) ?? [];
  return { status: Number(status), body: JSON.parse(text) };
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** A block may hold several: each begins with its method. */
export const requestsIn = (block: string): Request[] =>
  [...block.matchAll(/^(GET|POST|DELETE) (\S+)\n((?:(?!GET|POST|DELETE).*\n)*)/gm)].map(
    ([, method = "", path = "", rest = ""]) => ({ method, path, body: rest.split("\n\n")[1] ?? "" }),
  );

/** @param id in place of `{task_id}` */
export async function send(url: string, { method, path, body }: Request, id = ""): Promise<Typed> {
  const response = await fetch(url + path.replace("{task_id}", id), {
    method,
    ...(body && { body, headers: { "Content-Type": "application/json" } }),
  });
  return { status: response.status, body: await response.json() };
}
