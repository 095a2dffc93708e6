// What the process of a camera behind libgphoto2 loads first: its line to the runtime, then TypeScript.
import { openChannel } from "../../../../lib/processes/channel.mjs";

const channel = openChannel();
await import("../../../../task/door/boot.mjs");
const { serve } = await import("./inside.ts");
serve(channel);
