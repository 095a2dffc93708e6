// The requests of docs/batches.md and docs/groups.md, and what the pages say of the answers.
import { afterAll, beforeAll, expect, test } from "vitest";
import { groupStatus } from "../../src/engine/board/groups.ts";
import { type Status, statuses } from "../../src/task/lifecycle.ts";
import { Program } from "../system/program.ts";
import { canCurl, typeCurls } from "./curl.ts";
import { codeBlocksOf, read } from "./page.ts";

const pages = { batches: read("docs/batches.md"), groups: read("docs/groups.md") };

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await program.start();
});
afterAll(() => program.remove());

/** The first example of an answer; `…` stands for the rest of an id. */
const shown = (page: string): object =>
  JSON.parse(codeBlocksOf(page).find(({ language }) => language === "json")?.code ?? "");

test.skipIf(!canCurl)(
  "a batch is answered with what the page shows, and its chain runs to its end",
  async () => {
    const [answer = ""] = (await typeCurls(pages.batches, program.url)).split("\n");
    const batch = JSON.parse(answer.slice(0, answer.indexOf('}{"type"') + 1));
    expect(Object.keys(batch)).toEqual(Object.keys(shown(pages.batches)));
    expect(batch).toMatchObject({
      group: "trial 7",
      keys: { "warm up": batch.tasks[0].id, measure: batch.tasks[1].id },
    });
    for (const { id } of batch.tasks) expect((await program.ended(id)).status).toBe("completed");
    expect((await program.get("/groups/trial%207")).status).toBe("completed");
  },
);

test.skipIf(!canCurl)("a group is answered with the fields that the page shows", async () => {
  await typeCurls(pages.groups, program.url);
  const group = await program.get<{ tasks: { id: string }[] }>("/groups/night");
  expect(Object.keys(group)).toEqual(Object.keys(shown(pages.groups)));
  for (const { id } of group.tasks) expect((await program.ended(id)).status).toBe("cancelled");
});

test("the table of statuses is the rule, line by line", () => {
  const rows = [...pages.groups.matchAll(/^\| ((?:one|all) .*?) +\| `(\w+)`/gm)];
  expect(rows).toHaveLength(9);
  rows.forEach(([, where = "", status], index) => {
    // The first that fits counts: whatever later lines ask for changes nothing.
    const lines = where.startsWith("all") ? [rows[index]] : rows.slice(index);
    const counts = Object.fromEntries(statuses.map((one) => [one, 0])) as Record<Status, number>;
    for (const line of lines) for (const one of statusesIn(line?.[1] ?? "")) counts[one]++;
    expect(groupStatus(counts), where).toBe(status);
  });
});

function statusesIn(where: string): Status[] {
  const named = [...where.matchAll(/`(\w+)`/g)].map((match) => match[1] as Status);
  return named.length === 0 || where.includes("others have ended") ? [...named, "completed"] : named;
}
