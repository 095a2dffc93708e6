// What a process that inspects task files loads first: its line to the runtime, TypeScript and the door for task files.
import { openChannel } from "../../lib/processes/channel.mjs";

const channel = openChannel();
await import("../../task/door/boot.mjs");
const { serve } = await import("./inside.ts");
serve(channel);
