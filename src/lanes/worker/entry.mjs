// What a worker thread loads first: TypeScript and the door for task files, then the executor.
import "../../task/door/boot.mjs";

const { createExecutor } = await import("./executor.ts");
const { openDoor } = await import("../../task/door/open.mjs");
await openDoor();

export default createExecutor();
