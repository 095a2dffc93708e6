// The watching thread of a child: carries messages, holds the child to its limits, and ends it, with all it started,
// when the parent is gone, or silent for longer than it has promised. It starts nothing and never waits, so it is always there.
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { FrameReader, frame, kinds } from "./frames.mjs";
import { descendantsOf, endMembers, endTree, markName, memoryOf, statOf } from "./table.mjs";

const { port, memory, left } = workerData;
const numbers = new Int32Array(memory);
const sent = new Int32Array(left);
const bell = numbers.length - 1;
const lookEveryMs = 50;
const longestFarewellMs = 1000;
/** The parent is held up, or does not want to hear it all: what waits for it must not fill the machine. */
const mostUnheardMb = 256;
/** Who starts others faster than they can be counted is left to the group's end. */
const mostRounds = 20;
const bytesPerMb = 1024 * 1024;
let isLeaving = false;
/** Its parent has promised to be heard of again. */
let silence;

/** The line to the parent is the child's descriptor 3. */
const line = new Socket({ fd: 3, readable: true, writable: true, allowHalfOpen: true });
const reader = new FrameReader(receive);
line.on("data", (chunk) => reader.push(chunk));
line.on("end", endAll);
line.on("error", endAll);
port.on("message", (bytes) => {
  const waiting = Math.ceil(line.writableLength / bytesPerMb);
  if (waiting > mostUnheardMb) return exceed({ what: "unheard", limit: mostUnheardMb, used: waiting });
  // Told when the system has it: what is still in this process would be lost with it.
  write(kinds.message, bytes, () => {
    Atomics.add(sent, 0, 1);
    Atomics.notify(sent, 0);
  });
});

function receive(kind, content) {
  if (kind === kinds.message) {
    port.postMessage(content, [content.buffer]);
    ring();
  } else if (kind === kinds.number) {
    Atomics.store(numbers, content.readInt32LE(0), content.readInt32LE(4));
    ring();
  } else if (kind === kinds.limits) {
    watch(JSON.parse(content.toString()));
  } else if (kind === kinds.awake) {
    clearTimeout(silence);
    silence = setTimeout(endAll, content.readUInt32LE(0));
  }
}

function write(kind, content, done) {
  const parts = frame(kind, content);
  line.cork();
  for (const [index, part] of parts.entries())
    line.write(part, index === parts.length - 1 ? done : undefined);
  line.uncork();
}

function ring() {
  Atomics.add(numbers, bell, 1);
  Atomics.notify(numbers, bell);
}

/** Nobody is there to answer to any more. The child itself goes last: it takes this thread with it. */
function endAll() {
  const since = Number(statOf(process.pid)?.startedAt ?? 0);
  for (let round = 0, found = 1; found > 0 && round < mostRounds; round++) {
    found = 0;
    for (const other of endMembers(process.pid, process.env[markName] ?? "", since))
      if (other !== null) found++;
  }
  endTree(process.pid);
}

function watch({ memoryMb, cpuSeconds }) {
  if (memoryMb === null && cpuSeconds === null) return;
  const before = usedCpu();
  const timer = setInterval(() => {
    const used = [
      { what: "memory", limit: memoryMb, used: Math.ceil(usedMemory() / bytesPerMb) },
      { what: "cpu", limit: cpuSeconds, used: Math.round((usedCpu() - before) * 10) / 10 },
    ];
    const exceeded = used.find(({ limit, used }) => limit !== null && used > limit);
    if (!exceeded) return;
    clearInterval(timer);
    exceed(exceeded);
  }, lookEveryMs);
}

function exceed(what) {
  if (isLeaving) return;
  isLeaving = true;
  write(kinds.exceeded, Buffer.from(JSON.stringify(what)), endAll);
  // It may stand behind a flood of others.
  setTimeout(endAll, longestFarewellMs);
}

/** Of the child and what it started; where there is no /proc, of the child alone. */
function usedMemory() {
  const shown = [process.pid, ...descendantsOf(process.pid)].reduce((sum, pid) => sum + memoryOf(pid), 0);
  return shown > 0 ? shown : process.memoryUsage.rss();
}

function usedCpu() {
  const all = [process.pid, ...descendantsOf(process.pid)];
  const shown = all.reduce((sum, pid) => sum + (statOf(pid)?.cpuSeconds ?? 0), 0);
  const { user, system } = process.cpuUsage();
  return shown > 0 ? shown : (user + system) / 1e6;
}
