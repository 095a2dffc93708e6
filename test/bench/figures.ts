// Few numbers out of many, and numbers as people read them.

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** @param share 0 to 1; the value that so many are not above */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new Error("there is no quantile of nothing");
  return found;
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Three digits that count; thousands in groups. */
export function shown(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
  return String(Number(value.toPrecision(3)));
}
