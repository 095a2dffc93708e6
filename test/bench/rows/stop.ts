// A stop in mid-flight, as a client sees it: how far the axis goes on beyond its physical braking distance, and how long
// until its last step, against the time that braking takes.
import type { WireTask } from "../../../src/api/record.ts";
import type { DeviceState } from "../../../src/hardware/device.ts";
import { braking } from "../../../src/hardware/trapezoid.ts";
import { type Armature, startArmature } from "../armature.ts";
import { quantile } from "../figures.ts";
import type { Row } from "../row.ts";
import type { Stage } from "../stage.ts";

/** The alignment stage's x of the profile `simulated`: µm, s. */
const axis = { name: "x", far: 1000, topSpeed: 1000, acceleration: 5000 };
const physical = braking(axis.topSpeed, axis.acceleration);
const brakingUm = physical.distanceAt(physical.seconds);

const ways: readonly {
  what: string;
  lane?: "isolated";
  stop: (armature: Armature, id: string) => Promise<unknown>;
}[] = [
  { what: "POST /devices/x/stop", stop: (armature) => armature.ask("POST", `/devices/${axis.name}/stop`) },
  { what: "POST /stop", stop: (armature) => armature.ask("POST", "/stop") },
  { what: "a cancel of its task", stop: cancelled },
  { what: "a cancel of its isolated task", lane: "isolated", stop: cancelled },
];

interface Stopped {
  readonly ms: number;
  /** Beyond the braking distance, from where the client saw it last. */
  readonly overshootUm: number;
}

export async function stop(stage: Stage): Promise<Row[]> {
  const armature = await startArmature(stage, { asShipped: true });
  const rows: Row[] = [];
  for (const { what, lane, stop } of ways) {
    const stops: Stopped[] = [];
    for (let turn = 0; turn < stage.scale.cancels; turn++)
      stops.push(await inMidFlight(armature, lane, (id) => stop(armature, id)));
    const note = `at ${axis.topSpeed} µm/s, ${stage.scale.cancels} times`;
    const times = stops.map(({ ms }) => ms);
    for (const share of [0.5, 0.99])
      rows.push({
        what: `stop in mid-flight by ${what}: request to last step, p${share * 100}`,
        measured: quantile(times, share),
        unit: "ms",
        ceiling: { what: "braking time", value: physical.seconds * 1000 },
        goal: null,
        note,
      });
    rows.push({
      what: `stop in mid-flight by ${what}: beyond the braking distance, p99`,
      measured: quantile(
        stops.map(({ overshootUm }) => overshootUm),
        0.99,
      ),
      unit: "µm",
      ceiling: { what: "braking distance", value: brakingUm },
      goal: null,
      note: `${note}; from the position that the client read just before it asked`,
    });
  }
  return rows;
}

async function inMidFlight(
  armature: Armature,
  lane: "isolated" | undefined,
  stop: (id: string) => Promise<unknown>,
): Promise<Stopped> {
  const look = () => armature.ask<DeviceState>("GET", `/devices/${axis.name}`);
  const from = positionOf(await look());
  const { id } = await armature.ask<WireTask>("POST", "/tasks", {
    task: "axis_movement_task",
    parameters: { axis: axis.name, position: from > 0 ? -axis.far : axis.far },
    ...(lane && { lane }),
  });
  let seen = from;
  // At top speed, and far from where it would brake by itself.
  while (Math.abs(seen - from) < 2 * brakingUm) seen = positionOf(await look());
  const begun = performance.now();
  await stop(id);
  const ms = performance.now() - begun;
  const state = await look();
  if (state.is_moving) throw new Error(`${axis.name} still moves`);
  await armature.ask("POST", "/queue/resume");
  return { ms, overshootUm: Math.abs(positionOf(state) - seen) - brakingUm };
}

const positionOf = ({ position_um }: DeviceState): number => position_um ?? Number.NaN;

/** Resolves when it has ended. */
async function cancelled(armature: Armature, id: string): Promise<void> {
  await armature.ask("DELETE", `/tasks/${id}`);
  await armature.ask("GET", `/tasks/${id}?wait=30`);
}
