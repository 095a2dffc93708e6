// A transfer as its task tells of it: ten times a second while it is under way. While the task is paused nothing is.
import type { AsyncContext, CloudTransfer } from "armature/task";

const everyMs = 100;

interface Told {
  /** As in "Sending part 2 of 3". */
  readonly message: string;
  /** Bytes that were done before it. */
  readonly before?: number;
  /** Of the whole; default: what the transfer knows. */
  readonly total?: number;
}

/**
 * Returns when it is done. Whatever ends it otherwise, nothing is under way any more.
 * @throws what it failed with, Cancelled
 */
export async function* follow(transfer: CloudTransfer, ctx: Pick<AsyncContext, "isPausing">, told: Told) {
  const { message, before = 0, total } = told;
  const step = () => ({ current: before + transfer.bytes, total: total ?? transfer.totalBytes, message });
  try {
    while (!transfer.isOver) {
      if (ctx.isPausing) await transfer.hold();
      yield step(); // stands here while the task is paused, and throws when it is to stop
      await transfer.goOn();
      await transfer.glance(everyMs);
    }
    await transfer.finish();
    yield step();
  } finally {
    await transfer.abort();
  }
}
