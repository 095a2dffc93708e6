// What a worker thread loads first: TypeScript and the door for task files, then the executor.
import "../../task/door/boot.mjs";

const { createExecutor } = await import("./executor.ts");
const { openDoor } = await import("../../task/door/open.mjs");
// Where this was joined it opens only now: the hooks have nothing to look at before the first task file.
await openDoor();

export default createExecutor();
