// A fleet as the tests have it: a Redis of their own, workers in processes of their own, and the lane in this one.
import path from "node:path";
import { FleetLane, type FleetLaneOptions } from "../../../src/lanes/fleet/lane.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import type { Program } from "../../bench/program.ts";
import { quick } from "../../bench/scale.ts";
import { Stage } from "../../bench/stage.ts";
import { quiet } from "../../quiet.ts";
import { RedisServer } from "../../redis-server.ts";

export class Fleet {
  readonly #stage = new Stage(quick, []);
  #redis: RedisServer | null = null;

  async open(): Promise<void> {
    this.#redis = await RedisServer.start();
  }

  get redis(): RedisServer {
    if (!this.#redis) throw new Error("the fleet of the test is not open");
    return this.#redis;
  }

  get url(): string {
    return this.redis.url;
  }

  async startWorker(file: string): Promise<Program> {
    const door = ["--import", "./src/task/door/boot.mjs"];
    const program = path.join(import.meta.dirname, "worker.ts");
    const worker = this.#stage.start({
      args: [...door, program, this.url, file, await this.#stage.folder()],
    });
    await worker.says(/(ready)/);
    return worker;
  }

  endWorkers(): Promise<void> {
    return this.#stage.clear();
  }

  /** `armature` with these words. */
  start(words: readonly string[], env: Readonly<Record<string, string>>): Program {
    return this.#stage.start({ args: ["src/cli/armature.mjs", ...words], env });
  }

  lane(dataDirectory: string, more: Partial<FleetLaneOptions> = {}): FleetLane {
    const lane = new FleetLane({
      url: this.url,
      clock: systemClock,
      log: quiet,
      dataDirectory,
      leaseSeconds: 2,
      ...more,
    });
    lane.open();
    return lane;
  }

  async close(): Promise<void> {
    await this.#stage.clear();
    await this.redis.kill();
  }
}
