// A parent of a busy child with children of its own; prints their numbers and waits to be ended.
import { tsImport } from "tsx/esm/api";

const { startChild } = await tsImport("../../../src/lib/processes/child.ts", import.meta.url);
const child = await startChild({
  entry: new URL("./entry.mjs", import.meta.url),
  onMessage: (message) => {
    if (Array.isArray(message)) child.send({ what: "spin" });
    console.log(JSON.stringify({ child: child.identity.pid, message }));
  },
});
child.send({ what: "breed" });
