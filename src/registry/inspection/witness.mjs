// A thread beside one that imports a suspect: says at which line of the task file it is, however busy it is. Asked once,
// shortly before the process is ended. Plain JavaScript, as it runs in a thread without TypeScript.
import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import { workerData } from "node:worker_threads";

/** Of the shared numbers: set by the parent when it wants to know. */
const asked = 0;
const stderr = 2;
/** By the debugger's number. */
const taskScripts = new Map();

const numbers = new Int32Array(workerData);
const bell = numbers.length - 1;
for (;;) {
  const rung = Atomics.load(numbers, bell);
  if (Atomics.load(numbers, asked) !== 0) break;
  Atomics.wait(numbers, bell, rung);
}

const session = new Session();
session.connectToMainThread();
// What it tells comes by this thread's event loop, which has to stay.
setInterval(() => undefined, 60_000);
session.on("Debugger.scriptParsed", ({ params }) => {
  if (params.url.includes("?task=")) taskScripts.set(params.scriptId, params);
});
session.on("Debugger.paused", ({ params }) => {
  const frame = params.callFrames.find(({ location }) => taskScripts.has(location.scriptId));
  if (!frame) return;
  const { line, path } = spotOf(frame.location);
  writeSync(stderr, `witness: ${line} ${path}\n`);
});
session.post("Debugger.enable");
session.post("Debugger.pause");

/** Lines of the debugger begin at 0. */
function spotOf({ scriptId, lineNumber, columnNumber }) {
  const { url, sourceMapURL } = taskScripts.get(scriptId);
  const path = fileURLToPath(url.replace(/\?.*/, ""));
  const inline = /^data:application\/json;base64,(.*)$/.exec(sourceMapURL ?? "")?.[1];
  if (inline === undefined) return { path, line: lineNumber + 1 };
  const map = new SourceMap(JSON.parse(Buffer.from(inline, "base64").toString()));
  const { originalLine } = map.findEntry(lineNumber, columnNumber);
  return { path, line: originalLine === undefined ? null : originalLine + 1 };
}
