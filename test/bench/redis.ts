// A Redis of a measurement's own that syncs every write, on a free port. Null where it is not installed.
import { argumentsOf, freePort, redisVersion } from "../redis-server.ts";
import type { Stage } from "./stage.ts";

export interface Redis {
  readonly port: number;
  readonly version: string;
}

export async function startRedis(stage: Pick<Stage, "folder" | "start">): Promise<Redis | null> {
  const version = redisVersion();
  if (version === null) return null;
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
    args: argumentsOf(settings),
  });
  await redis.says(/(Ready to accept connections)/);
  return { port, version };
}
