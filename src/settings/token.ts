// The secrets that are made once and readable by their owner only: the token that lets other machines in, and what
// signs webhooks. Knows no request.
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
  return settings.token ?? secretIn(tokenFile(settings));
}

/** The same, made where there is none yet. */
export async function ensureToken(settings: Settings): Promise<string> {
  return settings.token ?? keptSecret(tokenFile(settings));
}

/** What signs webhooks: the secret of the environment, of settings/webhooks.json, or one that is made now. */
export async function webhookSecretOf({ webhookSecret, webhooks, directories }: Settings): Promise<string> {
  return webhookSecret ?? webhooks?.secret ?? keptSecret(path.join(directories.data, "webhook-secret"));
}

/** What is in the file, made where there is nothing yet. */
async function keptSecret(file: string): Promise<string> {
  const found = await secretIn(file);
  if (found !== null) return found;
  const made = randomBytes(24).toString("base64url");
  await writeDurably(file, `${made}\n`, 0o600);
  return made;
}

async function secretIn(file: string): Promise<string | null> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text.trim() || null;
}
