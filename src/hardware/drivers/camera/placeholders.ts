// `{exposure_us}` in a command, an address or a setting of a camera.

/** What one photo is taken with, defaults filled in. */
export interface Exposure {
  readonly exposureMs: number;
  readonly gain: number;
}

export const exposurePlaceholders = ["exposure_ms", "exposure_us", "exposure_s", "gain"] as const;

export const exposureValues = ({
  exposureMs,
  gain,
}: Exposure): Record<(typeof exposurePlaceholders)[number], string> => ({
  exposure_ms: plain(exposureMs),
  // Programs that count microseconds take whole ones.
  exposure_us: String(Math.round(exposureMs * 1000)),
  exposure_s: plain(exposureMs / 1000),
  gain: plain(gain),
});

/** Without an exponent, which few programs understand. */
const plain = (value: number): string => Number(value.toFixed(6)).toString();

const placeholder = /\{(\w+)\}/g;

export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(placeholder, (whole, name: string) => String(values[name] ?? whole));

export const unknownPlaceholders = (texts: readonly string[], known: readonly string[]): string[] =>
  texts
    .flatMap((text) => Array.from(text.matchAll(placeholder), (match) => match[1] as string))
    .filter((name) => !known.includes(name));
