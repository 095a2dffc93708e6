// Reads a power meter, once or often enough to tell its noise.
import { type Ctx, type Device, demand, type In, Task, z } from "armature/task";
import { deviceThatIs } from "./_parameters.ts";

export class MeasurementTask extends Task.with({
  name: "measurement_task",
  description: "Measures optical power",
  parameters: z.object({
    device: deviceThatIs("measuring", "A device that measures power").default("power_meter"),
    readings: z.int().min(1).max(10_000).default(1).describe("How many readings the result is the mean of"),
  }),
  result: z.object({
    device: z.string(),
    power_uw: z.number().describe("The mean, in microwatts"),
    deviation_uw: z.number().nullable().describe("Standard deviation of the readings; null for a single one"),
    readings: z.int(),
  }),
  uses: ({ device }) => ({ [device]: "exclusive" }),
}) {
  async *run({ device, readings }: In<this>, ctx: Ctx<this>) {
    const meter = demand(ctx.devices[device] as Device, "measuring");
    const read: number[] = [];
    while (read.length < readings) {
      read.push(await meter.readPowerUw());
      yield { current: read.length, total: readings, data: { power_uw: read.at(-1) } };
    }
    const power_uw = mean(read);
    const squares = read.map((reading) => (reading - power_uw) ** 2);
    const deviation_uw = readings > 1 ? Math.sqrt((mean(squares) * readings) / (readings - 1)) : null;
    return { device, power_uw, deviation_uw, readings };
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
