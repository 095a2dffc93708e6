// Opens the door once per thread or process: from here on `armature/task` resolves from any directory.
import * as module from "node:module";
import * as hook from "./hook.mjs";

const data = {
  doors: { "armature/task": new URL("../index.ts", import.meta.url).href },
  locales: new URL("./locales.mjs", import.meta.url).href,
};

if (module.registerHooks) {
  hook.initialize(data);
  module.registerHooks({ resolve: hook.resolve });
} else {
  module.register("./hook.mjs", import.meta.url, { data });
}
