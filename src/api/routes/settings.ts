// What an owner may set: shown without secrets, changed in place.
import { z } from "zod";
import type { ApiParts } from "../parts.ts";
import { json, type Route, route } from "../route.ts";

const settings = z.record(z.string(), z.unknown());

const changeSchema = z
  .strictObject({
    settings,
    applied: z.array(z.string()).describe("Keys that apply from now on."),
    needs_restart: z.array(z.string()).describe("Keys that the next start takes up."),
    overridden: z.array(z.string()).describe("Keys where the environment says something else and wins."),
  })
  .meta({ id: "SettingsChange" });

export const settingsRoutes = (parts: ApiParts): Route[] => [
  route({
    method: "get",
    path: "/settings",
    tag: "settings",
    summary: "The settings as they apply, without secrets.",
    answers: { 200: settings },
    handle: () => json(parts.settings.current()),
  }),
  route({
    method: "patch",
    path: "/settings",
    tag: "settings",
    summary: "Change settings: objects are merged, everything else is replaced.",
    body: settings,
    answers: { 200: changeSchema },
    handle: async ({ body }) => json(await parts.settings.patch(body)),
  }),
];
