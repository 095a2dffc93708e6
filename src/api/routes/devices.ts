// The devices of the profile: their state, and what is done to them besides tasks.
import { z } from "zod";
import type { DeviceState } from "../../hardware/device.ts";
import { unknownDevice } from "../../hardware/unknown-device.ts";
import { deviceSchema } from "../device.ts";
import type { ApiParts } from "../parts.ts";
import { json, type Route, route } from "../route.ts";
import { stopSchema, tasksSchema } from "./stop.ts";

const stoppedSchema = z
  .strictObject({ ...stopSchema.shape, stored: z.boolean(), tasks: tasksSchema })
  .meta({ id: "DeviceStopReport" });

export const deviceRoutes = (parts: ApiParts): Route[] => [
  route({
    method: "get",
    path: "/devices",
    tag: "devices",
    summary: "Every device of the profile.",
    answers: { 200: z.array(deviceSchema) },
    handle: () => json(parts.devices.list()),
  }),
  route({
    method: "get",
    path: "/devices/{name}",
    tag: "devices",
    summary: "One device, its capabilities and state.",
    answers: { 200: deviceSchema },
    handle: ({ params }) => json(deviceNamed(parts, params.name)),
  }),
  route({
    method: "post",
    path: "/devices/{name}/stop",
    tag: "devices",
    summary: "Stop one device now and cancel the tasks that hold it; those that wait for it go on.",
    answers: { 200: stoppedSchema },
    handle: async ({ params }) => json(await parts.tasks.stopDevice(params.name)),
  }),
  route({
    method: "post",
    path: "/devices/{name}/reconnect",
    tag: "devices",
    summary: "Let go of a device and open it again, as its profile has it now; 409 while a task holds it.",
    answers: { 200: deviceSchema },
    handle: async ({ params }) => json(await parts.devices.reconnect(params.name)),
  }),
];

/** @throws UNKNOWN_DEVICE with the nearest names */
export function deviceNamed({ devices }: ApiParts, name: string): DeviceState {
  const all = devices.list();
  const found = all.find((one) => one.name === name);
  if (found) return found;
  throw unknownDevice(
    name,
    all.map((one) => one.name),
  );
}
