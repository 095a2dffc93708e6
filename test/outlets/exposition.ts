// Reads the text format of Prometheus as strictly as it is written down: what does not fit throws.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (NaN|[+-]Inf|[-+]?[\d.]+(?:e[-+]?\d+)?)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let help: [string, string] | null = null;
  for (const line of text.split("\n")) {
    const [, ofHelp, words] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
    if (ofHelp !== undefined) {
      help = [ofHelp, words ?? ""];
      continue;
    }
    const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      if (families.has(name) || help?.[0] !== name)
        throw new Error(`${name} comes twice, or without its help`);
      families.set(name, { type, help: help[1], samples: [] });
      continue;
    }
    if (line === "") continue;
    const sample = sampleOf(line);
    const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (seen.has(key)) throw new Error(`${line} comes twice`);
    seen.add(key);
    familyOf(sample.name, families).samples.push(sample);
  }
  for (const [name, family] of families) check(name, family);
  return families;
}

function sampleOf(line: string): Sample {
  const [, name, inner = "", value] = sampleLine.exec(line) ?? [];
  if (name === undefined) throw new Error(`this is no sample: ${line}`);
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < inner.length) {
    const found = label.exec(inner);
    if (!found) throw new Error(`these are no labels: ${line}`);
    labels[found[1] as string] = found[2] as string;
  }
  return { name, labels, value: Number(value?.replace("Inf", "Infinity")) };
}

function familyOf(name: string, families: ReadonlyMap<string, Family>): Family {
  const base = name.replace(/_(bucket|sum|count)$/, "");
  const family = families.get(name) ?? families.get(base);
  if (!family || (family !== families.get(name) && family.type !== "histogram"))
    throw new Error(`${name} has no type`);
  return family;
}

function check(name: string, { type, help, samples }: Family): void {
  if (help === "") throw new Error(`${name} has no help`);
  if (type === "counter" && !name.endsWith("_total")) throw new Error(`${name} counts and does not say so`);
  if (type === "counter" && samples.some(({ value }) => !(value >= 0)))
    throw new Error(`${name} is below zero`);
  if (type !== "histogram") return;
  for (const { labels, value } of samples.filter((sample) => sample.name === `${name}_count`)) {
    const same = (sample: Sample): boolean =>
      Object.entries(labels).every(([key, word]) => sample.labels[key] === word);
    const buckets = samples.filter((sample) => sample.name === `${name}_bucket` && same(sample));
    const bounds = buckets.map((sample) =>
      sample.labels.le === "+Inf" ? Infinity : Number(sample.labels.le),
    );
    if (bounds.at(-1) !== Infinity || buckets.at(-1)?.value !== value)
      throw new Error(`${name} does not end with all`);
    for (let at = 1; at < buckets.length; at++)
      if ((bounds[at] as number) <= (bounds[at - 1] as number) || value < (buckets[at]?.value ?? 0))
        throw new Error(`${name} does not grow`);
  }
}

/** The value of the one sample with these labels. */
export function valueIn(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const samples = [...families.values()].flatMap((family) => family.samples);
  return samples.find(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value) &&
      Object.keys(sample.labels).length === Object.keys(labels).length,
  )?.value;
}
