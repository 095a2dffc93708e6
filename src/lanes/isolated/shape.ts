// How an object looks to who cannot have it: its methods by name, and what can be read of it as plain values.
import { findNotPlain } from "../plain.ts";
import type { Shape } from "../protocol.ts";
import { sentFailure } from "../sent-failure.ts";

/** For an object that may refuse to be looked at: a claimed name that is no device. */
export function shapeOrFailure(object: object): Shape {
  try {
    Reflect.get(object, "name");
    return shapeOf(object);
  } catch (error) {
    return { methods: [], properties: {}, failure: sentFailure(error) };
  }
}

export function shapeOf(object: object): Shape {
  const methods: string[] = [];
  const properties: Record<string, unknown> = {};
  for (const name of namesOf(object)) {
    const value = read(object, name);
    if (typeof value === "function") methods.push(name);
    else if (findNotPlain(value, name) === null) properties[name] = value;
  }
  return { methods, properties };
}

/** An instance of somebody's class: what it can do would be lost on the way. */
export const hasMethods = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !isClonable(value) && shapeOf(value).methods.length > 0;

const isClonable = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    [ArrayBuffer, Date, Map, Set, Error, RegExp].some((kind) => value instanceof kind)
  );
};

/** Its own and its class's, up to what every object has. */
function namesOf(object: object): Set<string> {
  const names = new Set<string>();
  for (let at = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  names.delete("constructor");
  return names;
}

/** A getter of a driver may fail; then there is nothing to read. */
function read(object: object, name: string): unknown {
  try {
    return Reflect.get(object, name, object);
  } catch {
    return Symbol("unreadable");
  }
}
