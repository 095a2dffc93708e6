// The ceiling of progress: the same generator, driven by nothing but a loop.
import { yieldFor } from "../tasks/_yields.ts";

const generator = yieldFor(JSON.parse(process.argv[2] ?? ""));
let step = await generator.next();
while (!step.done) step = await generator.next();
console.log(JSON.stringify(step.value));
