// Decides how task files and `armature/task` resolve, whatever folder they lie in; and spares everybody zod's languages.
// No await in here: it serves as a synchronous hook (Node 22.15 and later) and as an asynchronous one (Node 20).
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @type {Record<string, string>} what `armature/task` means, as a file URL */
let doors = {};
/** Our file in place of zod's languages. */
let locales = "";

export function initialize(data) {
  ({ doors, locales } = data);
}

export function resolve(specifier, context, next) {
  const door = doors[specifier];
  if (door) return next(door, context);
  if (!/^(\.|\/|file:)/.test(specifier)) return next(specifier, context);
  if (specifier === "../locales/index.js" && /\/zod\/v4\/\w+\/\w+\.js$/.test(context.parentURL))
    return { url: locales, format: "module", shortCircuit: true };
  const url = new URL(specifier, context.parentURL);
  const mark = url.searchParams.get("task") ?? markOf(context.parentURL);
  if (!mark || url.protocol !== "file:" || url.pathname.includes("/node_modules/"))
    return next(specifier, context);
  const code = spellings(url).find(isFile);
  if (!code) return next(specifier, context);
  // The mark travels: a reloaded task file reloads its own helpers too.
  code.searchParams.set("task", mark);
  return { url: code.href, format: "module", shortCircuit: true };
}

function markOf(parentURL) {
  return parentURL?.startsWith("file:") ? new URL(parentURL).searchParams.get("task") : null;
}

/** The files `./helper.js` and `./helper` may mean, as TypeScript's authors write them. */
function spellings(url) {
  const { pathname } = url;
  if (/\.m?ts$/.test(pathname)) return [url];
  if (/\.m?js$/.test(pathname)) return [url, withPath(url, pathname.replace(/js$/, "ts"))];
  if (/\.\w+$/.test(pathname)) return [];
  return [".ts", ".js", ".mts", ".mjs"].map((ending) => withPath(url, pathname + ending));
}

function withPath(url, pathname) {
  const other = new URL(url);
  other.pathname = pathname;
  return other;
}

function isFile(url) {
  return statSync(fileURLToPath(url), { throwIfNoEntry: false })?.isFile() ?? false;
}
