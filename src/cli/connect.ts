// Finds the server that the settings name, or starts a private runtime on a free port of this machine.
import { loadSettings, type Settings } from "../settings/load.ts";
import { findToken } from "../settings/token.ts";
import { Client, unreachable } from "./client.ts";
import { CommandError } from "./command-error.ts";
import type { Shell } from "./shell.ts";

export interface Connection {
  readonly client: Client;
  /** Ends the runtime where it was started for this command alone. */
  close(): Promise<void>;
}

/** @throws CommandError where no server answers */
export async function connect(shell: Shell): Promise<Connection> {
  const settings = await loadSettings(shell);
  const found = await findServer(settings);
  if (!found) throw unreachable(addressOf(settings), null);
  return found;
}

export async function connectOrStart(shell: Shell): Promise<Connection> {
  return (await findServer(await loadSettings(shell))) ?? startPrivate(shell);
}

/** The server the settings name, or null where nobody listens there. @throws CommandError where a stranger does */
export async function findServer(settings: Settings): Promise<Connection | null> {
  const url = addressOf(settings);
  if (settings.firmware.server.port === 0) return null;
  const response = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(3000) }).catch((error) => {
    if (isRefused(error)) return null;
    throw unreachable(url, error);
  });
  if (response === null) return null;
  if (isOurs(await response.text()))
    return { client: new Client(url, await findToken(settings)), close: async () => undefined };
  throw new CommandError(
    `What listens at ${url} is no Armature server.`,
    "Set ARMATURE_HOST and ARMATURE_PORT to where yours listens (port 0 picks a free one for a new one).",
  );
}

/** @param env what this runtime shall see besides the shell's environment */
export async function startPrivate(shell: Shell, env: Shell["env"] = {}): Promise<Connection> {
  const server = await shell.startServer({
    projectRoot: shell.projectRoot,
    env: {
      ...shell.env,
      ARMATURE_HOST: "127.0.0.1",
      ARMATURE_PORT: "0",
      ARMATURE_LOG_LEVEL: shell.env.ARMATURE_LOG_LEVEL || "error",
      ...env,
    },
    print: () => undefined,
    // They are for a server that stays.
    takesMessages: false,
  });
  return { client: new Client(server.url, shell.env.ARMATURE_TOKEN || null), close: () => server.close() };
}

function addressOf({ firmware: { server } }: Settings): string {
  const wildcards: Readonly<Record<string, string>> = {
    "0.0.0.0": "127.0.0.1",
    "::": "[::1]",
    "[::]": "[::1]",
  };
  const host =
    wildcards[server.host] ??
    (/:.*:/.test(server.host) ? `[${server.host.replace(/[[\]]/g, "")}]` : server.host);
  return `http://${host}:${server.port}`;
}

function isOurs(alive: string): boolean {
  try {
    return (JSON.parse(alive) as { status?: unknown } | null)?.status === "ok";
  } catch {
    return false;
  }
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}
