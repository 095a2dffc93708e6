// The dialects this server speaks besides its own: routes in the words of other systems, over the same engine.
import type { ApiParts } from "../parts.ts";
import type { Route } from "../route.ts";
import { stageRoutes } from "./stage/routes.ts";
import { inEnvelope, isStoryCore } from "./storycore/envelope.ts";
import { storyCoreRoutes } from "./storycore/routes.ts";

export const dialectRoutes = (parts: ApiParts): Route[] => [
  ...(speaks(parts, "stage") ? stageRoutes(parts) : []),
  ...(speaks(parts, "storycore") ? storyCoreRoutes(parts) : []),
];

/** Answers of a dialect with a form of its own for everything, refusals too, are brought into that form. */
export function inItsForm(
  parts: ApiParts,
  path: string,
  answer: () => Response | Promise<Response>,
): Response | Promise<Response> {
  return isStoryCore(path) && speaks(parts, "storycore") ? inEnvelope(answer, parts.clock) : answer();
}

const speaks = ({ dialects }: ApiParts, dialect: "stage" | "storycore"): boolean =>
  dialects === undefined || dialects.includes(dialect);
