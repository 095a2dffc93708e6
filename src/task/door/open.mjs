// Opens the door: from here on TypeScript is understood, and `armature/task` resolves from any directory.
import * as module from "node:module";
import * as hook from "./hook.mjs";

/** Of the thread: whatever asks, and from wherever this file was loaded, hooks are there once. */
const opened = Symbol.for("armature.door");

/** Before a task file is imported. TypeScript first: what the door decides is decided before it. */
export function openDoor() {
  globalThis[opened] ??= open();
  return globalThis[opened];
}

async function open() {
  const { register } = await import("tsx/esm/api");
  register();
  const data = {
    doors: { "armature/task": new URL("../index.ts", import.meta.url).href },
    locales: new URL("./locales.mjs", import.meta.url).href,
  };
  if (module.registerHooks) {
    hook.initialize(data);
    module.registerHooks({ resolve: hook.resolve });
  } else {
    module.register(new URL("./hook.mjs", import.meta.url), { data });
  }
}
