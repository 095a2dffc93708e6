// The emergency stop: whatever the disk, the queue or a device does.
import { expect, test } from "vitest";
import { type DeviceStop, type Machine, noMachine } from "../../../src/engine/machine/port.ts";
import { deferred } from "../../../src/lib/deferred.ts";
import { settled } from "../../fake-clock.ts";
import { type MemoryStore, ordinaryTypes, Types, taskType, World } from "../world.ts";

/** Two axes; what they are told, in order, beside what tasks are told. */
class TwoAxes implements Machine {
  readonly told: string[] = [];
  readonly stillStanding = deferred();
  stops: DeviceStop[] = [
    { name: "rotor", stopped: true, problem: null },
    { name: "turntable", stopped: true, problem: null },
  ];

  async stop(): Promise<readonly DeviceStop[]> {
    this.told.push("stop");
    await this.stillStanding.promise;
    return this.stops;
  }

  release(): void {
    this.told.push("release");
  }

  moves(name: string): boolean {
    return name === "rotor" || name === "turntable";
  }

  async stopOne(name: string): Promise<DeviceStop> {
    this.told.push(`stop ${name}`);
    await this.stillStanding.promise;
    return { name, stopped: true, problem: null };
  }

  readonly check = noMachine.check;
  settle: Machine["settle"] = noMachine.settle;
}

async function stoppable(options: { store?: MemoryStore; types?: Types } = {}) {
  const machine = new TwoAxes();
  const world = await World.open({ machine, ...options });
  return { world, machine };
}

const fullDisk = (world: World): void => {
  world.store.refuses = true;
};

test("the devices are told first, then every task, before anything else can run", async () => {
  const { world, machine } = await stoppable();
  const ids = [await world.submit("plain_task"), await world.submit("blocking_task")];
  for (const id of ids) world.run(id).told.push = (...words) => machine.told.push(...words);
  void world.manager.stop();
  expect(machine.told).toEqual(["stop", "cancel user", "cancel user"]);
});

test("what runs ends as cancelled after its clean-up, what waits at once, and the report names all of it", async () => {
  const { world, machine } = await stoppable();
  const running = await world.submit("exclusive_task");
  const waiting = await world.submit("plain_task");
  machine.stillStanding.resolve();
  const report = await world.manager.stop();
  expect(report).toEqual({
    stopped: true,
    stored: true,
    devices: machine.stops,
    tasks: [
      { id: running, task: "exclusive_task", status: "cancelling" },
      { id: waiting, task: "plain_task", status: "cancelled" },
    ],
  });
  await world.run(running).fail("rotor was stopped and refuses to move.");
  expect(world.status(running)).toBe("cancelled");
});

test("paused, pausing and starting tasks are stopped as well, an interrupted one still waits for its owner", async () => {
  const before = await World.open();
  const interrupted = await before.submit("plain_task");
  const types = new Types([...ordinaryTypes(), taskType("light_task", { uses: { light: "exclusive" } })]);
  const { world, machine } = await stoppable({ store: before.store, types });
  const [paused, pausing] = [await world.submit("plain_task"), await world.submit("other_task")];
  await world.manager.pause(paused);
  await world.run(paused).reachCheckpoint();
  await world.manager.pause(pausing);
  const gate = deferred();
  world.store.gate = gate.promise;
  const accepted = world.manager.submit({ task: "light_task" });
  world.store.gate = null;
  gate.resolve();
  const { id: starting } = await accepted;
  expect(world.running()).not.toContain(starting);
  machine.stillStanding.resolve();
  await world.manager.stop();
  for (const id of [paused, pausing]) await world.run(id).stop();
  await settled();
  expect([paused, pausing, starting].map((id) => world.status(id))).toEqual([
    "cancelled",
    "cancelled",
    "cancelled",
  ]);
  expect(world.status(interrupted)).toBe("interrupted");
});

test("nothing starts until the queue is resumed, which releases the devices first", async () => {
  const { world, machine } = await stoppable();
  machine.stillStanding.resolve();
  await world.manager.stop();
  const later = await world.submit("plain_task");
  expect(world.manager.get(later).blocked_by).toMatchObject([
    { because: "queue_paused", resource: "stopped", task_id: null },
  ]);
  expect(world.manager.queue()).toMatchObject({ paused: true, paused_because: "stopped" });
  await world.manager.resumeQueue();
  await settled();
  expect(machine.told).toEqual(["stop", "release"]);
  expect(world.manager.queue()).toMatchObject({ paused: false, paused_because: null });
  await world.run(later).finish();
  expect(world.events.filter(({ type }) => type === "queue_changed")).toMatchObject([
    { paused: true, paused_because: "stopped" },
    { paused: false, paused_because: null },
  ]);
});

test("stopping twice tells the devices twice and the tasks once", async () => {
  const { world, machine } = await stoppable();
  const id = await world.submit("plain_task");
  machine.stillStanding.resolve();
  await world.manager.stop();
  const again = await world.manager.stop();
  expect(machine.told).toEqual(["stop", "stop"]);
  expect(world.run(id).told).toEqual(["cancel user"]);
  expect(again.tasks).toEqual([{ id, task: "plain_task", status: "cancelling" }]);
  expect(world.eventsOf(id).filter((type) => type === "task_cancelling")).toHaveLength(1);
});

test("a full disk delays no device and no task; the report says that the stop is not stored, and it is once it can be", async () => {
  const { world, machine } = await stoppable();
  const running = await world.submit("exclusive_task");
  const waiting = await world.submit("plain_task");
  fullDisk(world);
  const stop = world.manager.stop();
  expect(machine.told).toEqual(["stop"]);
  expect(world.run(running).told).toEqual(["cancel user"]);
  machine.stillStanding.resolve();
  await world.clock.advance(1000);
  expect(await stop).toMatchObject({ stopped: true, stored: false });
  expect(world.manager.queue().paused).toBe(true);
  await world.run(running).stop();
  expect(world.running()).toEqual([]);
  world.store.recover();
  await settled();
  expect([running, waiting].map((id) => world.status(id))).toEqual(["cancelled", "cancelled"]);
  expect(world.store.queuePause).toMatchObject({ because: "stopped" });
});

test("a device that does not obey is reported, and the tasks are told all the same", async () => {
  const { world, machine } = await stoppable();
  const id = await world.submit("plain_task");
  machine.stops = [{ name: "rotor", stopped: false, problem: "it does not obey the stop" }];
  const stop = world.manager.stop();
  expect(world.run(id).reason).toBe("user");
  machine.stillStanding.resolve();
  expect(await stop).toMatchObject({ stopped: false, devices: machine.stops });
});

test("a stopped machine is stopped again after a restart, until it is released", async () => {
  const { world, machine } = await stoppable();
  machine.stillStanding.resolve();
  await world.manager.stop();
  const after = await world.reboot();
  expect(machine.told).toEqual(["stop", "stop"]);
  const id = await after.submit("plain_task");
  expect(after.status(id)).toBe("pending");
  await after.manager.resumeQueue();
  await settled();
  expect(after.status(id)).toBe("running");
  await after.reboot();
  expect(machine.told).toEqual(["stop", "stop", "release"]);
});

test("a resume that was on its way to the disk does not undo a stop that came meanwhile", async () => {
  const { world, machine } = await stoppable();
  machine.stillStanding.resolve();
  await world.manager.pauseQueue();
  const gate = deferred();
  world.store.gate = gate.promise;
  const resumed = world.manager.resumeQueue();
  const stopped = world.manager.stop();
  world.store.gate = null;
  gate.resolve();
  await Promise.all([resumed, stopped]);
  await settled();
  expect(machine.told).toEqual(["stop"]);
  expect(world.manager.queue().paused_because).toBe("stopped");
});

test("a pause asked for does not take the place of an emergency stop", async () => {
  const { world, machine } = await stoppable();
  machine.stillStanding.resolve();
  await world.manager.stop();
  await world.manager.pauseQueue();
  expect(world.manager.queue().paused_because).toBe("stopped");
});

test("a task whose start is refused by the disk while everything is stopped is cancelled, not put back", async () => {
  const { world, machine } = await stoppable();
  const first = await world.submit("exclusive_task");
  const starting = await world.submit("plain_task");
  const gate = deferred();
  world.store.gate = gate.promise;
  await world.run(first).finish();
  machine.stillStanding.resolve();
  const stop = world.manager.stop();
  world.store.gate = null;
  fullDisk(world);
  gate.resolve();
  await world.clock.advance(1000);
  expect(await stop).toMatchObject({ stored: false });
  world.store.recover();
  await world.clock.advance(1000);
  expect(world.status(starting)).toBe("cancelled");
  expect(world.running()).toEqual([]);
});

test("one device is stopped alone: the task that holds it is cancelled, whoever waits for it has it next", async () => {
  const { world, machine } = await stoppable();
  machine.stillStanding.resolve();
  const uses = (name: string) => ({ parameters: { uses: { [name]: "exclusive" } } });
  world.types.set(taskType("move_task", { usesDependOnParameters: true }));
  const moving = await world.submit("move_task", uses("rotor"));
  const next = await world.submit("move_task", uses("rotor"));
  const other = await world.submit("move_task", uses("turntable"));
  const report = await world.manager.stopDevice("rotor");
  expect(machine.told).toEqual(["stop rotor"]);
  expect(report).toMatchObject({
    name: "rotor",
    stopped: true,
    stored: true,
    tasks: [{ id: moving, task: "move_task", status: "cancelling" }],
  });
  await world.run(moving).fail("rotor was stopped and refuses to move.");
  expect([moving, next, other].map((id) => world.status(id))).toEqual(["cancelled", "running", "running"]);
  expect(world.manager.queue().paused).toBe(false);
});

test("what a task left moving stands still before anybody else has it", async () => {
  const { world, machine } = await stoppable();
  const still = deferred();
  const asked: (readonly string[])[] = [];
  machine.settle = (names: readonly string[]) => {
    asked.push(names);
    return still.promise;
  };
  world.types.set(taskType("move_task", { uses: { rotor: "exclusive", room: "shared" } }));
  const left = await world.submit("move_task");
  const next = await world.submit("move_task");
  await world.run(left).finish();
  expect(asked).toEqual([["rotor"]]);
  expect([left, next].map((id) => world.status(id))).toEqual(["running", "pending"]);
  still.resolve();
  await settled();
  expect([left, next].map((id) => world.status(id))).toEqual(["completed", "running"]);
});

test("a child does not stop what its parent holds, too", async () => {
  const { world, machine } = await stoppable();
  const asked: (readonly string[])[] = [];
  machine.settle = (names: readonly string[]) => {
    asked.push(names);
    return null;
  };
  world.types.set(taskType("move_task", { uses: { rotor: "exclusive" } }));
  const parent = await world.submit("move_task");
  const call = world
    .run(parent)
    .events.call({ to: "submit", task: "move_task", parameters: {}, options: {} });
  const child = (await call) as string;
  await settled();
  await world.run(child).finish();
  await world.run(parent).finish();
  expect(asked).toEqual([[], ["rotor"]]);
});

test("while something else is done to a device its tasks wait, others start", async () => {
  const { world } = await stoppable();
  const done = deferred();
  world.types.set(taskType("move_task", { uses: { rotor: "exclusive" } }));
  const working = world.manager.withoutTasksOn(["rotor"], () => done.promise);
  const move = await world.submit("move_task");
  const plain = await world.submit("plain_task");
  expect([move, plain].map((id) => world.status(id))).toEqual(["pending", "running"]);
  expect(world.manager.get(move).blocked_by).toMatchObject([{ resource: "rotor", task_id: null }]);
  await expect(world.manager.withoutTasksOn(["rotor"], async () => undefined)).rejects.toMatchObject({
    code: "DEVICE_CLAIMED",
    message: "rotor is claimed by something else that is under way.",
  });
  done.resolve();
  await working;
  await settled();
  expect(world.status(move)).toBe("running");
  await expect(world.manager.withoutTasksOn(["rotor"], async () => undefined)).rejects.toMatchObject({
    details: { device: "rotor", task_id: move },
  });
});

test("what failed while it was done lets the tasks go on", async () => {
  const { world } = await stoppable();
  world.types.set(taskType("move_task", { uses: { rotor: "exclusive" } }));
  const broken = world.manager.withoutTasksOn(["rotor"], () => Promise.reject(new Error("no bus")));
  await expect(broken).rejects.toThrow("no bus");
  expect(world.status(await world.submit("move_task"))).toBe("running");
});
