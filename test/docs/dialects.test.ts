// What docs/dialects.md shows, against the program and the code.
import { afterAll, beforeAll, expect, test } from "vitest";
import { operationSchema, statusOf as stageStatus } from "../../src/api/dialects/stage/answer.ts";
import { errorSchema, successOf } from "../../src/api/dialects/storycore/envelope.ts";
import { statusOf as storyCoreStatus, storyCoreTaskSchema } from "../../src/api/dialects/storycore/task.ts";
import { statuses } from "../../src/task/lifecycle.ts";
import { Program } from "../system/program.ts";
import { canCurl, typeCurls } from "./curl.ts";
import { codeBlocksOf, read, sectionsOf } from "./page.ts";

const page = read("docs/dialects.md");

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await program.start();
});
afterAll(() => program.remove());

test.skipIf(!canCurl)("every curl example is answered as the page says", async () => {
  const printed = await typeCurls(page, program.url);
  expect(printed).toContain('"operation_type":"axis_movement"');
  expect(printed).toContain('"partial_result":{"start":0');
  expect(printed).toContain('"name":"capture_sample_1"');
  expect(printed).toContain('"cancelled":true');
});

test("the table of statuses is the code's, line by line", () => {
  const { text = "" } = sectionsOf(page).find(({ title }) => title === "Statuses") ?? {};
  const rows = [...text.matchAll(/^\| `(\w+)` +\| `(\w+)` *\| `(\w+)` *\|/gm)].map(([, ...words]) => words);
  const expected = statuses.map((status) => [status, stageStatus[status], storyCoreStatus[status]]);
  expect(rows.toSorted()).toEqual(expected.toSorted());
});

test("the answers it shows are answers of these routes", () => {
  // Ids are cut short for the reader.
  const whole = (code: string): unknown =>
    JSON.parse(code.replaceAll(/[\da-f]{8}-…/g, "7b0c0f0e-0000-4000-8000-000000000000"));
  const [operation, success, error] = codeBlocksOf(page).filter(({ language }) => language === "json");
  operationSchema.parse(whole(operation?.code ?? ""));
  successOf(storyCoreTaskSchema).parse(whole(success?.code ?? ""));
  errorSchema.parse(whole(error?.code ?? ""));
});
