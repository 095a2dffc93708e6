// What the stepping process of an axis loads first: its line to the runtime, then TypeScript.
import { openChannel } from "../../../../lib/processes/channel.mjs";

/** The stop, and the channel's own bell. */
const memory = new SharedArrayBuffer(8);
const channel = openChannel(memory);
await import("../../../../task/door/boot.mjs");
const { serve } = await import("./inside.ts");
serve(channel, memory);
