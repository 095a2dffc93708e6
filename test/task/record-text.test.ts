import { expect, test } from "vitest";
import { noProgress } from "../../src/task/progress.ts";
import type { AttemptRecord, TaskMemo, TaskRecord } from "../../src/task/record.ts";
import { memoText, recordText } from "../../src/task/record-text.ts";
import { below, type Random, randomOf } from "../random.ts";

const seed = Number(process.env.ARMATURE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** What each field may be; the first is what most tasks have. A field that is new has to be named here. */
type Choices<T> = { readonly [K in keyof Required<T>]: readonly Required<T>[K][] };

const words = ["scan_task", 'a "pot"\n', "Bäume\\\u2028", "\ud800", "", "__proto__"];
const times = ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.679Z"];
const values = [null, undefined, 0, "done", { deep: [1, { "\u0000": null }], gone: undefined }, [undefined]];
const maps = [null, {}, { note: 'x"' }];
const first: AttemptRecord = {
  number: 1,
  started_at: times[0] as string,
  ended_at: null,
  outcome: null,
  error: null,
};
const over: AttemptRecord = {
  ...first,
  ended_at: times[1] as string,
  outcome: "failed",
  error: 'it "broke"',
};

const records: Choices<TaskRecord> = {
  id: ["5f0a8f66-6a70-4b53-a27e-5f3ad7d2ba51", "5f0a8f66-6a70-4b53-a27e-5f3ad7d2ba52"],
  name: words,
  task: words,
  action: words,
  category: words,
  parameters: [{}, { exposure: 12.5, name: "ü" }],
  is_exclusive: [false, true],
  is_blocking: [false, true],
  lane: ["async", "blocking", "isolated", "fleet"],
  status: ["pending", "running", "completed", "interrupted"],
  progress: [noProgress, { ...noProgress, current: 3, percent: 1 / 3, message: "§ 3", data: { axis: "x" } }],
  result: values,
  error: [null, ...words],
  failure: [
    null,
    { code: "TASK_FAILED", message: 'no "light"', details: { at: 1 }, remediation: "Mend it." },
  ],
  partial_result: values,
  attempt: [0, 1, 101],
  attempts: [
    [],
    [first],
    [over],
    [{ ...over, error: null }],
    [{ ...first, outcome: "failed" }],
    [over, first],
  ],
  priority: [0, -100, 7],
  metadata: maps,
  user_context: values,
  group: [null, ...words],
  depends_on: [[], [{ task: "5f0a8f66-6a70-4b53-a27e-5f3ad7d2ba53", when: "end" }]],
  question: [null, { prompt: "go on?", schema: { type: "boolean" }, default: true, expires_at: null }],
  source: words.map((file) => ({ file, hash: "0".repeat(64) })),
  artifacts: [
    [],
    [
      {
        name: "photo",
        file: 'a"b.jpg',
        type: "image/jpeg",
        bytes: 9,
        created_at: times[0] as string,
        hash: null,
        origin: null,
      },
    ],
  ],
  created_at: times,
  started_at: [null, ...times],
  completed_at: [null, ...times],
  updated_at: times,
};

const memos: Choices<TaskMemo> = {
  order: [1, 2, 10_000],
  timeout_seconds: [null, 0.5],
  checkpoint: [null, { value: { at: 3 }, hash: "0".repeat(64), saved_at: times[0] as string }],
  continues: [false, true],
  idempotency: [null, { key: 'k"', digest: "d" }],
  cancel_reason: [null, "user", "timeout", "dependency"],
  shut_down: [false, true],
  stops_after_step: [undefined as never, true],
  wishes: [undefined as never, { parent: "5f0a8f66", key: 'a"' }],
  not_before: [undefined as never, ...times],
  delay_seconds: [undefined as never, 3],
  failures: [undefined as never, 2],
  crashes: [undefined as never, { boot: "b", count: 1, checkpoint: null }],
  claims: [undefined as never, { rotor: "exclusive" }],
};

/** Mostly the first choice, in the order in which tasks have their fields. */
const oneOf = <T>(choices: Choices<T>, random: Random): T =>
  Object.fromEntries(
    Object.entries<readonly unknown[]>(choices as never).map(([field, all]) => [
      field,
      all[below(random, 3) > 0 ? 0 : below(random, all.length)],
    ]),
  ) as T;

/** What JSON leaves out because it is undefined stays null in a record. */
const withNulls = (record: TaskRecord): unknown =>
  Object.fromEntries(Object.entries(record).map(([field, value]) => [field, value ?? null]));

test(`a record's text is what JSON.stringify says, whatever is in it (seed ${seed})`, () => {
  const random = randomOf(seed);
  for (let n = 0; n < 3000; n++) {
    const record = oneOf(records, random);
    expect(recordText(record)).toBe(JSON.stringify(withNulls(record)));
  }
});

test(`a memo's text is what JSON.stringify says, whatever is remembered (seed ${seed})`, () => {
  const random = randomOf(seed);
  for (let n = 0; n < 3000; n++) {
    const memo = oneOf(memos, random);
    expect(memoText(memo)).toBe(JSON.stringify(memo));
  }
});

test("a record of another version keeps the fields it has", () => {
  const record = oneOf(records, () => 0.5);
  const { artifacts: _, ...older } = record;
  for (const other of [{ ...record, colour: "red" }, older])
    expect(recordText(other as TaskRecord)).toBe(JSON.stringify(other));
});

test("what JSON cannot carry is thrown, not written", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  const record = oneOf(records, () => 0.99);
  expect(() => recordText({ ...record, result: circle })).toThrow(TypeError);
  expect(() => recordText({ ...record, result: 1n })).toThrow(TypeError);
});
