// The schedules of docs/schedules.md, made on a real server.
import { afterAll, beforeAll, expect, test } from "vitest";
import { catchUps, overlaps } from "../../src/engine/schedules/record.ts";
import { mostCaughtUp, onTimeMs } from "../../src/engine/schedules/rules.ts";
import { Program, type WireTask } from "../system/program.ts";
import { codeBlocksOf, read } from "./page.ts";

const page = read("docs/schedules.md");
const [morning, everySecond] = codeBlocksOf(page)
  .filter(({ language }) => language === "json")
  .map(({ code }) => JSON.parse(code));

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await program.start();
});
afterAll(() => program.remove());

interface WireSchedule {
  readonly id: string;
  readonly next_run_at: string;
  readonly [field: string]: unknown;
}

test("the cron line of the example falls due at six in Berlin, on a working day", async () => {
  const { status, body } = await program.post<WireSchedule>("/schedules", morning);
  expect([status, body.name]).toEqual([201, "every morning at six"]);
  const there = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Europe/Berlin",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  expect(there.format(new Date(body.next_run_at))).toMatch(/^(Mon|Tue|Wed|Thu|Fri),? 06:00$/);
});

test("the interval of the example brings tasks that name it", async () => {
  const { status, body } = await program.post<WireSchedule>("/schedules", everySecond);
  expect(status).toBe(201);
  let tasks: WireTask[] = [];
  while (tasks.length < 2)
    tasks = (await program.get<WireTask[]>("/tasks")).filter(
      ({ metadata }) => (metadata as { schedule_id?: string } | null)?.schedule_id === body.id,
    );
  const [first] = tasks;
  expect((await program.ended(first?.id ?? "")).status).toBe("completed");
  expect(await program.get<WireSchedule>(`/schedules/${body.id}`)).toMatchObject({ missed: 0 });
});

test("the page has every policy, and the figures of the code", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` +\| /gm)].map(([, name]) => name);
  expect(rows).toEqual(expect.arrayContaining([...overlaps, ...catchUps]));
  expect(page).toContain(`at most ${onTimeMs / 1000} s late`);
  expect(page).toContain(`the latest ${mostCaughtUp}`);
});

test("every line that it shows is one", async () => {
  const lines = [...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) =>
    /^(@\w+|[\d*][^ ]*( [^ ]+){4})$/.test(code ?? "") ? [code] : [],
  );
  expect(lines.length).toBeGreaterThan(5);
  for (const cron of lines) {
    const { status, body } = await program.post<WireSchedule>("/schedules", { ...morning, cron });
    expect([cron, status]).toEqual([cron, 201]);
    await fetch(`${program.url}/schedules/${body.id}`, { method: "DELETE" });
  }
});
