import { once } from "node:events";
import os from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

test.skipIf(process.platform !== "linux")(
  "a worker steps back, the thread that moves machines does not",
  async () => {
    const stepBack = new URL("../../src/lanes/worker/step-back.ts", import.meta.url).href;
    const worker = new Worker(
      `const { parentPort } = require("node:worker_threads");
     const thread = () => Number(require("node:fs").readlinkSync("/proc/thread-self").split("/").at(-1));
     import(${JSON.stringify(new URL("../../src/task/door/boot.mjs", import.meta.url).href)})
       .then(() => import(${JSON.stringify(stepBack)}))
       .then(({ stepBack }) => parentPort.postMessage([stepBack(), require("node:os").getPriority(thread())]));`,
      { eval: true, execArgv: [] },
    );
    const [[could, priority]] = await once(worker, "message");
    expect([could, priority]).toEqual([true, os.getPriority(process.pid) + 5]);
    await worker.terminate();
  },
);
