// The programs of the pages for people who come from another system, as they run them, and what the pages say they print.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Redis, startRedis } from "../bench/redis.ts";
import { quick } from "../bench/scale.ts";
import { Stage } from "../bench/stage.ts";
import { codeBlocksOf, read } from "./page.ts";
import { programFolder, runNode } from "./program.ts";

interface Shown {
  readonly name: string;
  readonly code: string;
  /** What stands below it; null for a file that others import. */
  readonly prints: string | null;
}

/** Code whose first line names its file, with the text block that follows. */
function programsOf(page: string): Shown[] {
  const blocks = codeBlocksOf(page);
  return blocks.flatMap(({ language, code }, index) => {
    const name = language === "ts" ? /^\/\/ ([\w/-]+\.ts)$/m.exec(code)?.[1] : undefined;
    const next = blocks[index + 1];
    return name === undefined ? [] : [{ name, code, prints: next?.language === "text" ? next.code : null }];
  });
}

/** `…………` stands for what differs each time. */
function expectPrinted(stdout: string, shown: string): void {
  const said = stdout.split("\n");
  const masked = shown.split("\n").map((line, index) => {
    const [before = "", after] = line.split("…………");
    const real = said[index] ?? "";
    const fits = after !== undefined && real.startsWith(before) && real.endsWith(after);
    return fits ? real : line;
  });
  expect(said).toEqual(masked);
}

/** What a reader installs for a program besides Armature. */
const packagesOf = (code: string): string[] =>
  [...code.matchAll(/ from "([a-z]\w*)";$/gm)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "armature");

const stage = new Stage(quick, []);
let redis: Redis | null = null;
beforeAll(async () => {
  redis = await startRedis(stage);
});
afterAll(() => stage.clear());

describe.each(["from-the-alignment-stage", "from-storycore", "from-ailf"])("docs/%s.md", (name) => {
  const files = programsOf(read(`docs/${name}.md`));
  const programs = files.filter(({ prints }) => prints !== null);

  test.for(programs)("$name prints what the page says", async ({ name: program, code, prints }, { skip }) => {
    const packages = packagesOf(code);
    if (packages.length > 0 && redis === null) skip("redis-server is not there");
    const folder = await programFolder(packages);
    for (const file of files) {
      await mkdir(path.dirname(path.join(folder, file.name)), { recursive: true });
      await writeFile(path.join(folder, file.name), file.code);
    }
    const env: Record<string, string> = redis === null ? {} : { REDIS_PORT: String(redis.port) };
    const { stdout, stderr } = await runNode(folder, [program], env);
    expect(stderr).toBe("");
    expectPrinted(stdout, prints ?? "");
  });
});
