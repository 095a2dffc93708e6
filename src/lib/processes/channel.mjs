// A child's end of the line to its parent. Opening it is the first thing an entry does: from then on the child ends
// with its parent, however busy it is. Knows nothing of what is said.
import { deserialize, serialize } from "node:v8";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { goFirst } from "./table.mjs";

/** How long a child that exits by itself waits for its last words to leave, in milliseconds. */
const lastWordsMs = 1000;

/**
 * @typedef {object} Channel
 * @property {(message: unknown) => void} send takes what v8.serialize takes; does not wait
 * @property {() => unknown} receive the next message that has arrived, without waiting; undefined where there is none
 * @property {(listener: (message: unknown) => void) => void} onMessage calls it from the event loop
 */

/**
 * A thread of its own speaks with the parent, so that what the parent says arrives while this one is busy.
 * @param {SharedArrayBuffer} [memory] 32-bit numbers that the parent may set at any time. The last one is a bell: it
 *   grows, and whoever waits on it wakes, with every number that is set and every message that arrives
 * @returns {Channel}
 */
export function openChannel(memory = new SharedArrayBuffer(4)) {
  goFirst();
  const { port1: here, port2: there } = new MessageChannel();
  const left = new Int32Array(new SharedArrayBuffer(4));
  let said = 0;
  const watch = new Worker(new URL("./watch.mjs", import.meta.url), {
    workerData: { port: there, memory, left: left.buffer },
    transferList: [there],
    execArgv: [],
  });
  // A child that nobody watches must not go on.
  watch.once("error", (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.kill(process.pid, "SIGKILL");
  });
  process.on("exit", () => {
    for (let sent = Atomics.load(left, 0); sent < said; sent = Atomics.load(left, 0))
      if (Atomics.wait(left, 0, sent, lastWordsMs) === "timed-out") return;
  });
  return {
    send(message) {
      const bytes = serialize(message);
      said++;
      here.postMessage(bytes, [bytes.buffer]);
    },
    receive() {
      const received = receiveMessageOnPort(here);
      return received ? deserialize(received.message) : undefined;
    },
    onMessage(listener) {
      here.on("message", (bytes) => listener(deserialize(bytes)));
    },
  };
}
