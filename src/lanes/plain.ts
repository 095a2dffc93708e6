// What JSON can carry, checked strictly: JSON.stringify alone empties a Map and turns NaN into null without a word.

export interface NotPlain {
  /** Where, as in `result.images[2]`. */
  readonly path: string;
  /** What was found there, as in `a Map`. */
  readonly found: string;
}

/** The first thing in `value` that JSON would lose or refuse, or null. `undefined` properties are left out by JSON and allowed. */
export function findNotPlain(value: unknown, path: string, above: readonly object[] = []): NotPlain | null {
  switch (typeof value) {
    case "undefined":
    case "string":
    case "boolean":
      return null;
    case "number":
      return Number.isFinite(value) ? null : { path, found: String(value) };
    case "object":
      return value === null ? null : findInObject(value, path, above);
    default:
      return { path, found: `a ${typeof value}` };
  }
}

const deepest = 200;

function findInObject(value: object, path: string, above: readonly object[]): NotPlain | null {
  if (above.includes(value)) return { path, found: "a reference to itself" };
  if (above.length >= deepest) return { path, found: `more than ${deepest} levels` };
  const inner = [...above, value];
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const problem = findNotPlain(value[index], `${path}[${index}]`, inner);
      if (problem) return problem;
    }
    return null;
  }
  if (isOpaque(value)) return { path, found: `a ${value.constructor.name}` };
  if ("toJSON" in value && typeof value.toJSON === "function") return null;
  for (const [key, property] of Object.entries(value)) {
    const problem = findNotPlain(property, `${path}.${key}`, inner);
    if (problem) return problem;
  }
  return null;
}

function isOpaque(value: object): boolean {
  return (
    value instanceof Map ||
    value instanceof Set ||
    value instanceof WeakMap ||
    value instanceof Promise ||
    value instanceof RegExp ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value)
  );
}
