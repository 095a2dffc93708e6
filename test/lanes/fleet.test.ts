// What the fleet does when a worker, a runtime or Redis goes away: real workers, killed, frozen and shut down.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FleetLane } from "../../src/lanes/fleet/lane.ts";
import { identityOf, isAlive } from "../../src/lib/processes/identity.ts";
import type { Program } from "../bench/program.ts";
import { whyNoRedis } from "../redis-server.ts";
import { Fleet } from "./fleet/fleet.ts";
import { type Begun, begin, taskTypeOf } from "./work.ts";

const file = "process_only_tasks.ts";

describe.skipIf(whyNoRedis)("the fleet", () => {
  const fleet = new Fleet();
  let data: string;
  let lane: FleetLane;

  beforeAll(() => fleet.open());
  afterAll(() => fleet.close());
  beforeEach(() => {
    data = mkdtempSync(path.join(os.tmpdir(), "armature-fleet-"));
    lane = fleet.lane(data);
  });
  afterEach(async () => {
    await lane.close();
    rmSync(data, { recursive: true, force: true });
  });

  const run = async (task: string, from = file, more: Parameters<typeof begin>[3] = {}): Promise<Begun> =>
    begin(lane, await taskTypeOf(from, task), {}, more);
  /** A task that never ends, with all it has started. */
  const breed = async (): Promise<Begun & { family: number[] }> => {
    const begun = begin(lane, await taskTypeOf(file, "Breeds"), { ending: "spin" });
    await begun.events.untilLog("bred");
    return { ...begun, family: begun.events.of("log")[0]?.entry.fields?.family as number[] };
  };
  const alive = (family: readonly number[]): number[] =>
    family.filter((pid) => isAlive({ ...identityOf(pid), pid }));

  describe("with a worker that stays", () => {
    beforeAll(() => fleet.startWorker(file));
    afterAll(() => fleet.endWorkers());

    test.each([
      ["Spins", "spinning"],
      ["HangsInNativeCode", "hanging"],
    ])("%s is ended by the kill at the end of the ladder", async (task, word) => {
      const { ended, events, cancel, kill } = await run(task);
      await events.untilLog(word);
      cancel("user");
      kill?.();
      expect(await ended).toEqual({ how: "killed" });
    });

    test("what stays with the runtime's machine is refused by name", async () => {
      const asks = await run("Asks");
      expect(await asks.ended).toMatchObject({
        failure: { code: "NOT_IN_FLEET", details: { what: "ctx.ask" } },
      });
      const claims = { rotor: "exclusive" } as const;
      const moves = await run("GoesTooFar", file, { claims });
      const what = "ctx.devices.rotor";
      expect(await moves.ended).toMatchObject({ failure: { code: "NOT_IN_FLEET", details: { what } } });
    });

    test("a worker without the task says so", async () => {
      const { ended } = await run("Sleeps", "loop_tasks.ts");
      expect(await ended).toMatchObject({ failure: { code: "FLEET_CODE_DIFFERS" } });
    });

    test("a worker with other code does not run it: both hashes are named", async () => {
      const type = await taskTypeOf(file, "Exits");
      const { ended } = begin(lane, { ...type, source: { file, hash: "other" } });
      expect(await ended).toMatchObject({
        failure: { code: "FLEET_CODE_DIFFERS", details: { expected: "other", found: "0", source: file } },
      });
    });
  });

  describe("with a worker that goes away", () => {
    let worker: Program;
    beforeEach(async () => {
      worker = await fleet.startWorker(file);
    });
    afterEach(() => worker.end("SIGKILL"));

    test("a worker that is killed takes its tasks along, and they fail with WORKER_LOST", async () => {
      const { ended, family } = await breed();
      await worker.end("SIGKILL");
      expect(await ended).toMatchObject({ how: "threw", cancelled: false, failure: { code: "WORKER_LOST" } });
      expect(alive(family)).toEqual([]);
    });

    test("the task of a worker that is frozen ends by itself before it is lost, and nothing of it is heard when the worker wakes", async () => {
      const { ended, events, family } = await breed();
      process.kill(worker.pid, "SIGSTOP");
      expect(await ended).toMatchObject({ failure: { code: "WORKER_LOST" } });
      expect(alive(family)).toEqual([]);
      const heard = events.heard.length;
      process.kill(worker.pid, "SIGCONT");
      const next = await run("Exits");
      expect(await next.ended).toMatchObject({ failure: { code: "PROCESS_ENDED" } });
      expect(events.heard.length).toBe(heard);
    });

    test("a worker that is shut down lets its task clean up, and asks for another attempt elsewhere", async () => {
      const { ended, family } = await breed();
      void worker.end("SIGTERM");
      expect(await ended).toMatchObject({
        failure: { code: "WORKER_SHUT_DOWN" },
        steering: { tryLaterSeconds: 0 },
      });
      expect(alive(family)).toEqual([]);
    });

    test("while Redis is away a worker ends its task, and the runtime knows that it has", async () => {
      const { ended, family } = await breed();
      await fleet.redis.kill();
      expect(await ended).toMatchObject({ failure: { code: "WORKER_LOST" } });
      expect(alive(family)).toEqual([]);
      expect(lane.problem).toContain("ECONNREFUSED");
      // It comes back and has forgotten everything; what waited for it runs all the same.
      const waiting = await run("Exits");
      await fleet.redis.back();
      expect(await waiting.ended).toMatchObject({ failure: { code: "PROCESS_ENDED" } });
      expect(lane.problem).toBe(null);
    });
  });

  test("a task that waits for a worker is withdrawn at once, and never runs", async () => {
    const withdrawn = await run("Exits");
    withdrawn.cancel("user");
    expect(await withdrawn.ended).toEqual({ how: "withdrawn" });
    const next = await run("Sleeps", "loop_tasks.ts");
    const worker = await fleet.startWorker("loop_tasks.ts");
    await next.events.untilLog("asleep");
    next.cancel("user");
    expect(await next.ended).toMatchObject({ cancelled: true });
    expect(withdrawn.events.heard).toEqual([]);
    await worker.end();
  });

  test("a file the task has made lies with the runtime before it is told of", async () => {
    await fleet.startWorker("loop_tasks.ts");
    const taskId = crypto.randomUUID();
    const { ended, events } = await run("Reports", "loop_tasks.ts", { taskId });
    await events.until(({ kind }) => kind === "artifact");
    const [{ artifact } = { artifact: { file: "" } }] = events.of("artifact");
    expect(existsSync(path.join(data, artifact.file))).toBe(true);
    expect(readFileSync(path.join(data, artifact.file)).length).toBe(4);
    await ended;
  });
});
