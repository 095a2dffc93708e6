/** The text of the latest value is kept: what comes one after the other mostly says the same. */
export function rememberingLatest<T>(
  make: (value: T) => string,
  isSame: (one: T, other: T) => boolean,
): (value: T) => string {
  let latest: { readonly value: T } | null = null;
  let text = "";
  return (value) => {
    if (latest === null || !isSame(latest.value, value)) {
      text = make(value);
      latest = { value };
    }
    return text;
  };
}
