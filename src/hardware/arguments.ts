// What a task hands to a device, looked at before a driver counts with it: from JavaScript anything may come, and a place
// that is a text would spoil whatever the device shows from then on.

/**
 * Whether a place is within the limits is the driver's to say.
 * @param optionsAt where the options stand; all before are places
 * @returns what is wrong, or null
 */
export function wrongArgument(given: readonly unknown[], optionsAt: number): string | null {
  for (let index = 0; index < optionsAt; index++)
    if (typeof given[index] !== "number") return `expected a place as a number, found ${shown(given[index])}`;
  const options = given[optionsAt] ?? {};
  if (typeof options !== "object") return `expected options as an object, found ${shown(options)}`;
  const wrong = Object.entries(options).find(
    ([name, value]) => name !== "signal" && value !== undefined && !isAboveNothing(value),
  );
  return wrong ? `expected ${wrong[0]} as a number above 0, found ${shown(wrong[1])}` : null;
}

const isAboveNothing = (value: unknown): boolean =>
  typeof value === "number" && Number.isFinite(value) && value > 0;

const shown = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value)
    : typeof value === "number"
      ? String(value)
      : typeof value;
