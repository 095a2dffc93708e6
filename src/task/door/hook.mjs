// Decides how task files and `armature/task` resolve, whatever folder they lie in.
// No await in here: it serves as a synchronous hook (Node 22.15 and later) and as an asynchronous one (Node 20).
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @type {Record<string, string>} what `armature/task` and the author's `zod` mean, as file URLs */
let doors = {};

export function initialize(data) {
  doors = data.doors;
}

export function resolve(specifier, context, next) {
  const door = doors[specifier];
  if (door) return next(door, context);
  if (!/^(\.|\/|file:)/.test(specifier)) return next(specifier, context);
  const url = new URL(specifier, context.parentURL);
  const mark = url.searchParams.get("task") ?? markOf(context.parentURL);
  if (!mark || !isTaskCode(url)) return next(specifier, context);
  // The mark travels: a reloaded task file reloads its own helpers too.
  url.searchParams.set("task", mark);
  return { url: url.href, format: "module", shortCircuit: true };
}

function markOf(parentURL) {
  return parentURL?.startsWith("file:") ? new URL(parentURL).searchParams.get("task") : null;
}

function isTaskCode(url) {
  return (
    url.protocol === "file:" &&
    /\.m?[jt]s$/.test(url.pathname) &&
    !url.pathname.includes("/node_modules/") &&
    existsSync(fileURLToPath(url))
  );
}
