// The devices of the profile and their state.
import { z } from "zod";
import { RuntimeError } from "../../errors/runtime-error.ts";
import { nearest } from "../../lib/nearest.ts";
import type { ApiParts } from "../parts.ts";
import { json, type Route, route } from "../route.ts";

const device = z.looseObject({ name: z.string() }).meta({ id: "Device" });

export const deviceRoutes = ({ devices }: ApiParts): Route[] => [
  route({
    method: "get",
    path: "/devices",
    tag: "devices",
    summary: "Every device of the profile.",
    answers: { 200: z.array(device) },
    handle: () => json(devices.list()),
  }),
  route({
    method: "get",
    path: "/devices/{name}",
    tag: "devices",
    summary: "One device, its capabilities and state.",
    answers: { 200: device },
    handle({ params }) {
      const { name } = params;
      const all = devices.list();
      const found = all.find((one) => one.name === name);
      if (found) return json(found);
      const near = nearest(
        name,
        all.map((one) => one.name),
      );
      const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}? ` : "";
      throw new RuntimeError("UNKNOWN_DEVICE", { device: name, nearest: near, hint });
    },
  }),
];
