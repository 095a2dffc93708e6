// The token that lets other machines in: made once, readable by its owner only. Knows no request.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { writeDurably } from "../lib/durable-file.ts";
import type { Settings } from "./load.ts";

const loopback = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i;

export const isLoopback = (host: string): boolean => loopback.test(host);

/** True where whoever asks must show a token: the server can be reached from elsewhere and its owner has not opened it. */
export const needsToken = ({ firmware: { server } }: Settings): boolean =>
  server.auth === "token" && !isLoopback(server.host);

export const tokenFile = (settings: Settings): string => path.join(settings.directories.data, "token");

/** The token of the environment, else the one that was made before, else null. */
export async function findToken(settings: Settings): Promise<string | null> {
  if (settings.token !== null) return settings.token;
  const text = await readFile(tokenFile(settings), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text.trim() || null;
}

/** The same, made where there is none yet. */
export async function ensureToken(settings: Settings): Promise<string> {
  const found = await findToken(settings);
  if (found !== null) return found;
  const token = randomBytes(24).toString("base64url");
  await writeDurably(tokenFile(settings), `${token}\n`, 0o600);
  return token;
}
