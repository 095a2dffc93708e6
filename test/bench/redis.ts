// A Redis of a measurement's own that syncs every write, on a free port. Null where it is not installed.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Stage } from "./stage.ts";

export interface Redis {
  readonly port: number;
  readonly version: string;
}

export async function startRedis(stage: Pick<Stage, "folder" | "start">): Promise<Redis | null> {
  const asked = spawnSync("redis-server", ["--version"], { encoding: "utf8" });
  if (asked.status !== 0) return null;
  const version = /v=(\S+)/.exec(asked.stdout)?.[1] ?? "unknown";
  const port = await freePort();
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir: await stage.folder(),
    appendonly: "yes",
    appendfsync: "always",
    save: "",
  };
  const redis = stage.start({
    command: "redis-server",
    args: Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
  });
  await redis.says(/(Ready to accept connections)/);
  return { port, version };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
