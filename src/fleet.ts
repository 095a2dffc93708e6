// The lane to other machines; loaded where a Redis is configured, and nowhere else.
import type { FleetLane } from "./lanes/fleet/lane.ts";
import { systemClock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import type { Settings } from "./settings/load.ts";

/** Nobody waits for Redis: until it answers, tasks wait. Null where there is none to wait for. */
export async function openFleet(
  { redis, directories }: Pick<Settings, "redis" | "directories">,
  log: Logger,
): Promise<FleetLane | null> {
  if (redis.url === null) return null;
  const { FleetLane } = await import("./lanes/fleet/lane.ts");
  const lane = new FleetLane({
    url: redis.url,
    clock: systemClock,
    log,
    dataDirectory: directories.data,
    leaseSeconds: redis.fleet_lease_seconds,
  });
  lane.open();
  return lane;
}
