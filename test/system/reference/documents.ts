// The documents of the reference systems: their code blocks, and the commands in them, as they stand there.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { codeBlocksOf } from "../../docs/page.ts";

const folder = path.resolve(import.meta.dirname, "../../fixtures/reference");

/** @param number as in `000` */
export function documentOf(number: string): string {
  const name = readdirSync(folder).find((file) => file.startsWith(`${number}_`));
  if (name === undefined) throw new Error(`there is no document ${number} in ${folder}`);
  return readFileSync(path.join(folder, name), "utf8");
}

export const blocksOf = (document: string, language: string): string[] =>
  codeBlocksOf(document)
    .filter((block) => block.language === language)
    .map(({ code }) => code);

/** Every curl command of its shell blocks, in their order; lines that go on are one. */
export const curlsOf = (document: string): string[] =>
  blocksOf(document, "bash").flatMap((code) =>
    code
      .replaceAll("\\\n", " ")
      .split("\n")
      .filter((line) => /^curl /.test(line)),
  );

/** What its shell blocks show behind `# Response:`. */
export function answersIn(document: string): unknown[] {
  const comments = blocksOf(document, "bash").flatMap((code) => [
    ...code.matchAll(/^# Response:\n((?:# .*\n)+)/gm),
  ]);
  return comments.map(([, lines = ""]) => JSON.parse(lines.replaceAll(/^# /gm, "")));
}
