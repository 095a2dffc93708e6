// What a process that inspects task files loads first: its line to the runtime, TypeScript and the door for task files.
import { openChannel } from "../../lib/processes/channel.mjs";

/** For the witness, and the channel's own bell. */
const memory = new SharedArrayBuffer(8);
const channel = openChannel(memory);
// Before TypeScript's hooks are there: they look at each of zod's many files.
await import("zod");
await import("../../task/door/boot.mjs");
const { serve } = await import("./inside.ts");
const { openDoor } = await import("../../task/door/open.mjs");
// Where this was joined it opens only now: the hooks have nothing to look at before the first task file.
await openDoor();
serve(channel, memory);
