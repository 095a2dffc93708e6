// npm run docs: makes the generated parts of the pages anew.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { currentPages, pageAndCurrent } from "./generated.ts";
import { projectRoot } from "./page.ts";

for (const name of Object.keys(currentPages)) {
  const { page, current } = pageAndCurrent(name);
  if (page === current) continue;
  writeFileSync(path.join(projectRoot, name), current);
  console.log(name);
}
