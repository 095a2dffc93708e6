// A task that moves, and what is heard of the axis it moves.
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Program } from "./program.ts";

/** Turns the rotor to and fro for ever; its clean-up wants to go home. */
export const movingTask = `
import { Task, type In, type Ctx } from "armature/task";
export class SwayTask extends Task.with({ name: "sway_task", uses: { rotor: "exclusive" } }) {
  async *run(_: In<this>, ctx: Ctx<this>) {
    const { rotor } = ctx.devices;
    try {
      for (let turn = 0; ; turn++) {
        await rotor.moveTo(turn % 2 === 0 ? 0 : 140);
        yield { current: turn };
      }
    } finally {
      await rotor.home();
    }
  }
}
`;

/** Slow enough to be met in mid-move: 1.5 s and 22.5 degrees to stand still. */
export const slowRotor = { top_speed_degrees_per_s: 30, acceleration_degrees_per_s2: 20 };
export const brakingDegrees = 22.5;

export async function slowDown(program: Program): Promise<void> {
  await program.editSettings("devices/simulated.json", (profile) => {
    Object.assign((profile.devices as Record<string, object>).rotor as object, slowRotor);
  });
}

interface Rotor {
  readonly state: string;
  readonly is_moving: boolean;
  readonly angle_degrees: number;
}

/** Every state of the rotor from now on, as clients hear of it. */
export async function rotorOf(program: Program): Promise<{ states: Rotor[]; close(): void }> {
  const states: Rotor[] = [];
  const socket = new WebSocket(`${program.url.replace("http", "ws")}/ws/device`);
  socket.on("message", (text) => {
    const { device } = JSON.parse(String(text)) as { device?: Rotor & { name: string } };
    if (device?.name === "rotor") states.push(device);
  });
  await new Promise((resolve) => socket.once("open", resolve));
  return { states, close: () => socket.close() };
}

/** Resolves when the rotor is under way, at speed. */
export async function underWay(program: Program): Promise<void> {
  const { angle_degrees: start } = await program.get<Rotor & { angle_degrees: number }>("/devices/rotor");
  for (;;) {
    const { angle_degrees, is_moving } = await program.get<Rotor>("/devices/rotor");
    if (is_moving && Math.abs(angle_degrees - start) > 15) return;
    await wait(20);
  }
}

/** Where it was told to stop and where it stands. */
export function stretchOf(states: readonly Rotor[]): { told: number; stands: number } {
  const told = states.find(({ state }) => state === "stopped");
  const still = states.findLast(({ is_moving }) => !is_moving);
  return { told: told?.angle_degrees ?? Number.NaN, stands: still?.angle_degrees ?? Number.NaN };
}
