// How often it is asked who may start while 10 000 wait: counted, not timed.
import { expect, test } from "vitest";
import type { Limits } from "../../src/engine/ports.ts";
import { Scheduler } from "../../src/engine/queue/scheduler.ts";
import type { Claims } from "../../src/task/policy.ts";
import { FakeClock } from "../fake-clock.ts";
import { defaultLimits, Types, taskType } from "./world.ts";

const many = 10_000;

/** A scheduler alone: what starts runs until it is ended. */
class Machine {
  readonly running: string[] = [];
  readonly clock = new FakeClock();
  readonly scheduler: Scheduler;
  #order = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.scheduler = new Scheduler({
      clock: this.clock,
      types: new Types([taskType("any_task", { usesDependOnParameters: true })]),
      limits: () => ({ ...defaultLimits, ...limits }),
      start: (id) => this.running.push(id),
    });
    this.scheduler.setPause(null);
  }

  submit(claims: Claims, priority = 0): string {
    const order = ++this.#order;
    const id = String(order);
    const ticket = { id, task: "any_task", priority, order, since: 0, lane: "async", parent: null } as const;
    this.scheduler.add({ ...ticket, claims });
    return id;
  }

  end(id: string): void {
    this.running.splice(this.running.indexOf(id), 1);
    this.scheduler.release(id);
  }

  decisionsFor(work: () => void): number {
    const before = this.scheduler.decisions;
    work();
    return this.scheduler.decisions - before;
  }
}

const kinds: Readonly<Record<string, (number: number) => Claims>> = {
  "for a slot": () => ({}),
  "for one device": () => ({ camera: "exclusive" }),
  "each with a name of its own": (number) => ({ [`sample ${number}`]: "exclusive" }),
  "each with a name of its own, for one device": (number) => ({
    camera: "exclusive",
    [`sample ${number}`]: "exclusive",
  }),
  "each with a name of its own, in one room, for one device": (number) => ({
    room: "shared",
    tool: "exclusive",
    [`a sample ${number}`]: "exclusive",
  }),
  "each for two of 1 000 names": (number) => ({
    [`shelf ${number % 1000}`]: "exclusive",
    [`shelf ${(number * 7 + 1) % 1000}`]: "shared",
  }),
};

for (const [what, claimsOf] of Object.entries(kinds))
  for (const maxConcurrentTasks of [3, 500])
    test(`an end looks at a few of those that wait ${what}, with ${maxConcurrentTasks} slots`, () => {
      const machine = new Machine({ maxConcurrentTasks });
      for (let number = 0; number < many; number++) machine.submit(claimsOf(number));
      for (let settled = false; !settled; )
        settled = machine.decisionsFor(() => machine.scheduler.tick()) === 0;
      for (let turn = 0; turn < 300; turn++) {
        machine.submit(claimsOf(many + turn));
        const looked = machine.decisionsFor(() => machine.end(machine.running[0] as string));
        expect(looked).toBeLessThanOrEqual(8);
        expect(machine.running.length).toBeGreaterThan(0);
      }
    });

test("where thousands have to be looked at, others have a turn in between, and nobody is forgotten", async () => {
  const machine = new Machine({ maxConcurrentTasks: 1000 });
  const room = machine.submit({ room: "exclusive" });
  const house = machine.submit({ house: "exclusive" });
  machine.scheduler.tick();
  const both: Claims = { house: "shared", room: "shared" };
  for (let number = 0; number < many; number++)
    machine.submit({ ...both, [`sample ${number}`]: "exclusive" });
  machine.scheduler.tick();
  await machine.clock.advance(1000);
  expect(machine.running).toEqual([room, house]);
  expect(machine.decisionsFor(() => machine.end(house))).toBeLessThanOrEqual(500);
  const plain = machine.submit({});
  await machine.clock.advance(1000);
  expect(machine.running).toEqual([room, plain]);
  expect(machine.decisionsFor(() => machine.end(room))).toBeLessThanOrEqual(500);
  await machine.clock.advance(1000);
  expect(machine.running).toHaveLength(1000);
  expect(machine.running[1]).toBe("3");
});
