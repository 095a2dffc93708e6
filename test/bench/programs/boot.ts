// Boots a runtime on what is stored and says how long that took and what it holds in memory. Run with --expose-gc.
import { createLog } from "../../../src/log.ts";
import { createRuntime } from "../../../src/runtime.ts";
import { loadSettings } from "../../../src/settings/load.ts";
import { projectRoot } from "../program.ts";

const settings = await loadSettings({ projectRoot, env: process.env });
const log = createLog("warn");
const begun = performance.now();
const runtime = await createRuntime(settings, log);
const milliseconds = performance.now() - begun;
globalThis.gc?.();
const { heapUsed } = process.memoryUsage();
const tasks = runtime.tasks.list().tasks.length;
await runtime.close();
console.log(JSON.stringify({ milliseconds, heapUsed, tasks }));
