// Whether the Redis of the settings answers. Takes no message and says none.

import { loadRedis, problemIn } from "../../outlets/redis/connection.ts";
import type { RedisSettings } from "../../settings/redis.ts";
import { shownRedisUrl } from "../../settings/redis.ts";
import { type Finding, fine, note, wrong, wrongBy } from "./finding.ts";

const longestMs = 3000;

export async function redisFindings({ url, subscriptions }: RedisSettings): Promise<Finding[]> {
  if (url !== null) return [await answers(url)];
  if (subscriptions.length === 0) return [];
  const remedy = "Give it a url, or set ARMATURE_REDIS_URL.";
  return [note("settings/redis.json has subscriptions and no url: no messages are taken", remedy)];
}

async function answers(url: string): Promise<Finding> {
  const Redis = await loadRedis().catch((error: unknown) => wrongBy(error));
  if ("level" in Redis) return Redis;
  const client = new Redis(url, { lazyConnect: true, connectTimeout: longestMs, retryStrategy: () => null });
  let problem: string | null = null;
  // What a connection fails with comes as an event; what the promise rejects with says only that it was closed.
  client.on("error", (error) => {
    problem ??= problemIn(error);
  });
  try {
    await client.connect();
    await client.ping();
    return fine(`${shownRedisUrl(url)} answers`);
  } catch (error) {
    return wrong(
      `${shownRedisUrl(url)} does not work: ${problem ?? problemIn(error)}`,
      "Start Redis there, or mend url in settings/redis.json; the rest of the runtime works without it.",
    );
  } finally {
    client.disconnect();
  }
}
