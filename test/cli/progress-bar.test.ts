import { expect, test } from "vitest";
import { barLine, duration, ProgressBar, plainLine } from "../../src/cli/progress-bar.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { noProgress, type Progress } from "../../src/task/progress.ts";

const at = (current: number, total: number | null, more: Partial<Progress> = {}): Progress => ({
  ...noProgress,
  current,
  total,
  percent: total === null ? null : (current / total) * 100,
  ...more,
});

test("half of the way is half of the bar", () => {
  expect(barLine("t", at(6, 12, { message: "Photo 6", eta_seconds: 4 }), 80)).toBe(
    "t ███████████████···············  50 %  6/12  Photo 6  4 s left",
  );
});

test("a part of a step is a part of a block", () => {
  expect(barLine("t", at(1, 100), 80)).toContain("▎·");
  expect(barLine("t", at(0, 5), 80)).toContain(`${"·".repeat(30)}   0 %`);
  expect(barLine("t", at(5, 5), 80)).toContain(`${"█".repeat(30)} 100 %`);
});

test("without a total there is no bar", () => {
  expect(barLine("t", at(7, null, { message: "seven" }), 80)).toBe("t  7  seven");
});

test("whatever is said, a line is shorter than the terminal", () => {
  for (const width of [1, 5, 20, 40, 79, 200]) {
    for (const message of ["", "short", "long ".repeat(50), "two\nlines"]) {
      for (const progress of [at(3, 12, { message, eta_seconds: 9000 }), at(3, null, { message })]) {
        const line = barLine("some_task", progress, width);
        expect(line.length, `${width}: ${line}`).toBeLessThan(Math.max(width, 2));
        expect(line).not.toContain("\n");
      }
    }
  }
});

function terminal(isTTY: boolean) {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text), isTTY, columns: 60 };
  return { written, terminal: new Terminal(output, {}) };
}

test("on a terminal the line redraws itself, and goes away at the end", () => {
  const { written, terminal: tty } = terminal(true);
  const bar = new ProgressBar(tty, "t");
  bar.update(at(1, 2));
  bar.update(at(2, 2));
  bar.clear();
  bar.clear();
  expect(written).toHaveLength(3);
  expect(written.every((text) => text.startsWith("\r\x1b[K") && !text.includes("\n"))).toBe(true);
  expect(written.at(-1)).toBe("\r\x1b[K");
});

test("where nobody watches, every tenth of the way is a line", () => {
  const { written, terminal: file } = terminal(false);
  const bar = new ProgressBar(file, "t");
  for (let step = 1; step <= 1000; step++) bar.update(at(step, 1000));
  bar.clear();
  expect(written).toHaveLength(11);
  expect(written.at(-1)).toBe(`${plainLine("t", at(1000, 1000))}\n`);
  expect(written.join("")).not.toContain("\x1b");
});

test("without a total every new message is a line", () => {
  const { written, terminal: file } = terminal(false);
  const bar = new ProgressBar(file, "t");
  for (const message of ["a", "a", "b"]) bar.update(at(1, null, { message }));
  expect(written).toEqual(["t  1  a\n", "t  1  b\n"]);
});

test.each([
  [0.04, "40 ms"],
  [4, "4 s"],
  [4.26, "4.3 s"],
  [59.4, "59 s"],
  [95, "1 min 35 s"],
  [3725, "1 h 2 min"],
])("%d seconds are %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});
