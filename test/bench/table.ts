// The table as text: one line a row, what one must know beneath it.
import { shown } from "./figures.ts";
import { type Goal, isMet, type Row, ratioOf, type Skipped } from "./row.ts";

const headings = ["", "measured", "ceiling in the same run", "ratio", "goal", ""];
const rightAligned = new Set([1, 3]);

export function tableOf(rows: readonly (Row | Skipped)[]): string {
  const notes: string[] = [];
  const cells = rows.map((row) => cellsOf(row, notes));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const lineOf = (line: readonly string[]): string =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return rightAligned.has(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [lineOf(headings), rule, ...cells.map(lineOf), rule, ...notes].join("\n");
}

function cellsOf(row: Row | Skipped, notes: string[]): string[] {
  if ("skipped" in row) return [row.what, "—", `not measured: ${row.skipped}`, "", "", ""];
  if (row.note !== undefined && !notes.includes(`· ${row.note}`)) notes.push(`· ${row.note}`);
  const ratio = ratioOf(row);
  const met = isMet(row);
  return [
    row.what,
    `${shown(row.measured)} ${row.unit}`,
    row.ceiling === null ? "—" : `${shown(row.ceiling.value)} ${row.unit}  ${row.ceiling.what}`,
    ratio === null ? "—" : shown(ratio),
    row.goal === null ? "—" : goalOf(row.goal, row.unit),
    met === null ? "" : met ? "met" : "MISSED",
  ];
}

const signs = { "at least": "≥", "at most": "≤", below: "<" } as const;

const goalOf = ({ of, bound, value }: Goal, unit: string): string =>
  of === "ratio" ? `${signs[bound]} ${value}×` : `${signs[bound]} ${shown(value)} ${unit}`;
