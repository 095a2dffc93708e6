import { afterAll, beforeAll, describe } from "vitest";
import { describeLane } from "../contracts/lane.ts";
import { whyNoRedis } from "../redis-server.ts";
import { Fleet } from "./fleet/fleet.ts";

describe.skipIf(whyNoRedis)("with a Redis", () => {
  const fleet = new Fleet();
  const file = "loop_tasks.ts";
  beforeAll(async () => {
    await fleet.open();
    await fleet.startWorker(file);
  });
  afterAll(() => fleet.close());

  describeLane({ name: "fleet", file, open: (data) => fleet.lane(data, { leaseSeconds: 10 }) });
});
