// The first import of main, of every worker and of every child: TypeScript first, then the door.
import { register } from "tsx/esm/api";

register();
await import("./open.mjs");
