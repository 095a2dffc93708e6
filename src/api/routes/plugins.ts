// Every task file that was found: loaded, rejected, duplicate, opted out; with reason and remedy.
import { z } from "zod";
import type { ApiParts } from "../parts.ts";
import { json, type Route, route } from "../route.ts";

const list = z.array(z.record(z.string(), z.unknown()));

export const pluginRoutes = ({ plugins }: ApiParts): Route[] => [
  route({
    method: "get",
    path: "/plugins",
    tag: "plugins",
    summary: "Every task file, what became of it and why.",
    answers: { 200: list },
    handle: () => json(plugins.list()),
  }),
  route({
    method: "post",
    path: "/plugins/rediscover",
    tag: "plugins",
    summary: "Look for task files again; answers with the new list.",
    answers: { 200: list },
    async handle() {
      await plugins.rediscover();
      return json(plugins.list());
    },
  }),
];
