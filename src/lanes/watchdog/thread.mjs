// The thread that watches the event loop: while the loop is blocked nobody else can say so. Plain JavaScript and a small
// heap: it is there as long as the server. Looks twice in the time after which a loop counts as blocked.
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";

const { memory, layout, thresholdMs, isReadable } = workerData;
const { cells, headBytes, slots, slotBytes, whereBytes } = layout;
const head = new Int32Array(memory, 0, headBytes / Int32Array.BYTES_PER_ELEMENT);
const text = Buffer.from(memory, headBytes);

/** Said again after five times as long, each time. */
const patience = 5;
/** Long enough to tell the work from the moment. */
const sampleMs = 100;

let seen = Atomics.load(head, cells.pulse);
let seenAt = performance.now();
let nextAt = thresholdMs;

setInterval(() => {
  const pulse = Atomics.load(head, cells.pulse);
  const now = performance.now();
  if (pulse !== seen) {
    [seen, seenAt, nextAt] = [pulse, now, thresholdMs];
    return;
  }
  const blockedMs = now - seenAt;
  if (blockedMs < nextAt) return;
  const isFirst = nextAt === thresholdMs;
  nextAt = blockedMs * patience;
  say("the event loop is blocked", { blocked_ms: Math.round(blockedMs), running: running() });
  if (isFirst) void findWhere(pulse);
}, thresholdMs / 2);

function running() {
  const count = Atomics.load(head, cells.started);
  const known = Math.min(count, slots);
  const found = Array.from({ length: known }, (_, back) => {
    const at = ((count - known + back) % slots) * slotBytes;
    const [id, task] = text.toString("latin1", at, text.indexOf(0, at)).split(" ");
    return `${task} ${id}`;
  });
  return [...new Set(found)];
}

/** Takes samples of the main thread from outside; where native code blocks it they come too late and are dropped. */
async function findWhere(pulse) {
  const { Session } = await import("node:inspector");
  const session = new Session();
  const ask = (method) =>
    new Promise((resolve, reject) =>
      session.post(method, (error, answer) => (error ? reject(error) : resolve(answer))),
    );
  const isStillBlocked = () => Atomics.load(head, cells.pulse) === pulse;
  try {
    session.connectToMainThread();
    await ask("Profiler.enable");
    await ask("Profiler.start");
    await new Promise((resolve) => setTimeout(resolve, sampleMs));
    const wasBlocked = isStillBlocked();
    const { profile } = await ask("Profiler.stop");
    const where = wasBlocked ? busiestOf(profile) : null;
    if (where !== null) tellWhere(where, pulse);
  } catch (error) {
    // A Node without an inspector, or one that somebody debugs just now: it stays a block without a place.
    say("where it is blocked could not be found", { problem: String(error) });
  } finally {
    session.disconnect();
  }
}

/** `name (file)` of the function that was seen most often, with the nearest caller that has a file. */
function busiestOf({ nodes, samples }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const hits = new Map();
  for (const id of samples) hits.set(id, (hits.get(id) ?? 0) + 1);
  const [busiest] = [...hits].sort(([, a], [, b]) => b - a)[0] ?? [];
  for (let id = busiest; id !== undefined; id = callers.get(id)) {
    const { functionName, url } = byId.get(id)?.callFrame ?? {};
    if (url?.startsWith("file:"))
      return `${functionName || "a function"} (${decodeURI(new URL(url).pathname)})`;
  }
  return null;
}

function tellWhere(where, pulse) {
  const bytes = Buffer.from(where).subarray(0, whereBytes);
  bytes.copy(text, slots * slotBytes);
  Atomics.store(head, cells.whereFor, pulse);
  Atomics.store(head, cells.whereLength, bytes.length);
  say("the event loop is blocked here", { where });
}

/** A line as the log writes it; the thread's own stderr would wait for the loop. */
function say(msg, fields) {
  if (Atomics.load(head, cells.isLogged) === 0) return;
  const time = new Date().toISOString();
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const line = isReadable
    ? [time.slice(11, 19), "warn ", msg, ...shown].join(" ")
    : JSON.stringify({ level: 40, time, ...fields, msg });
  try {
    writeSync(2, `${line}\n`);
  } catch (error) {
    // Nobody reads stderr, and there is nobody to tell.
    if (error.code !== "EAGAIN" && error.code !== "EPIPE") throw error;
  }
}
