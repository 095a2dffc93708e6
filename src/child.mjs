// The process of one isolated task: its line to the runtime first, then TypeScript and the door for task files, then
// what executes it. The composition root of a child, as runtime.ts is that of the runtime.
import { openChannel } from "./lib/processes/channel.mjs";

/** As many numbers as `Orders` has. */
const memory = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
const channel = openChannel(memory);

// Before TypeScript's hooks are there: they look at each of zod's many files, for a fifth of the whole start.
await import("zod");
await import("./task/door/boot.mjs");
const [{ serve }, { createServicesInChild }, { validatorFor }, { schemaOf }, { openDoor }] =
  await Promise.all([
    import("./lanes/isolated/executor.ts"),
    import("./services/in-child.ts"),
    import("./registry/parameters.ts"),
    import("./registry/task-class.ts"),
    import("./task/door/open.mjs"),
    import("./task/index.ts"),
  ]);
// Where this was joined it opens only now: the hooks have nothing to look at before the first task file.
await openDoor();

serve({
  channel,
  memory,
  createServices: createServicesInChild,
  check: (taskClass, parameters) => validatorFor(schemaOf(taskClass))(parameters),
});
