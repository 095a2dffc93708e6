// The first import of main, of every worker and of every child, where they run from the sources, which are TypeScript, too.
import { openDoor } from "./open.mjs";

await openDoor();
