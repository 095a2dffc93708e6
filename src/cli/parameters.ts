// What was typed behind a task's name, as parameters: the task's JSON Schema says what is a number and what is a list.
import { CommandError } from "./command-error.ts";

/** As much of JSON Schema as parameters need. */
export interface ParameterSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, ParameterSchema>>;
  readonly items?: ParameterSchema;
  readonly anyOf?: readonly ParameterSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly description?: string;
}

export type Parameters = Readonly<Record<string, unknown>>;

/** `["--points", "12", "--light.level=3"]` with the schema -> `{points: 12, light: {level: 3}}` */
export function readParameters(words: readonly string[], schema: ParameterSchema | null): Parameters {
  const typed = new Map<string, { path: string[]; texts: string[] }>();
  for (const { path, text } of pairs(words, schema)) {
    const name = path.join(".");
    const entry = typed.get(name) ?? { path, texts: [] };
    entry.texts.push(text);
    typed.set(name, entry);
  }
  const parameters = emptyTree();
  for (const { path, texts } of typed.values())
    place(parameters, path, convert(path.join("."), texts, schemaAt(schema, path)));
  return parameters;
}

function* pairs(words: readonly string[], schema: ParameterSchema | null) {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const option = /^--([^=]+)(?:=(.*))?$/s.exec(word);
    if (!option)
      throw new CommandError(
        `'${word}' belongs to no parameter.`,
        "Write parameters as --name value, or all of them as --json '{…}'.",
      );
    const [, written = "", inline] = option;
    const path = pathOf(written);
    if (inline !== undefined) yield { path, text: inline };
    else if (isFlag(words[at + 1], schemaAt(schema, path))) yield { path, text: "true" };
    else if (words[at + 1] === undefined || words[at + 1]?.startsWith("--")) {
      const off = /^no-(.+)$/.exec(written)?.[1];
      if (
        off &&
        schemaAt(schema, path) === undefined &&
        kinds(schemaAt(schema, pathOf(off))).includes("boolean")
      )
        yield { path: pathOf(off), text: "false" };
      else throw new CommandError(`--${written} has no value.`, `Write --${written} <value>.`);
    } else yield { path, text: words[++at] as string };
  }
}

/** `--pause-before-capture-ms` is as good as `--pause_before_capture_ms`. */
const pathOf = (written: string): string[] => written.replaceAll("-", "_").split(".");

/** A switch needs no `true` behind it. */
const isFlag = (next: string | undefined, schema: ParameterSchema | undefined): boolean =>
  kinds(schema).includes("boolean") && next !== "true" && next !== "false";

function schemaAt(schema: ParameterSchema | null, path: readonly string[]): ParameterSchema | undefined {
  return path.reduce<ParameterSchema | undefined>((at, name) => at?.properties?.[name], schema ?? undefined);
}

/** Every type the schema allows. */
function kinds(schema: ParameterSchema | undefined): string[] {
  if (!schema) return [];
  const own = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  return [...own, ...(schema.anyOf ?? []).flatMap(kinds)];
}

function convert(name: string, texts: readonly string[], schema: ParameterSchema | undefined): unknown {
  const allowed = kinds(schema);
  if (allowed.includes("array") && !(texts.length === 1 && texts[0]?.trim().startsWith("["))) {
    const items = schema?.items ?? schema?.anyOf?.find(({ type }) => type === "array")?.items;
    return texts.map((text) => one(name, text, items));
  }
  if (texts.length > 1)
    throw new CommandError(
      `--${name} is given ${texts.length} times.`,
      "Give it once; only lists may repeat.",
    );
  return one(name, texts[0] ?? "", schema);
}

function one(name: string, text: string, schema: ParameterSchema | undefined): unknown {
  const allowed = kinds(schema);
  const is = (kind: string): boolean => allowed.includes(kind);
  if (text === "null" && is("null")) return null;
  if ((is("number") || is("integer")) && text.trim() !== "" && Number.isFinite(Number(text)))
    return Number(text);
  if (is("boolean") && (text === "true" || text === "false")) return text === "true";
  if (is("array") || is("object")) return json(name, text);
  if (is("string") || allowed.length > 0) return text;
  return schema?.enum ? (schema.enum.find((value) => String(value) === text) ?? text) : guess(text);
}

function json(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(
      `--${name} is not JSON: ${(error as Error).message}`,
      `Write it in quotes, as in --${name} '{"key": 1}'.`,
    );
  }
}

/** Where the schema does not say: what looks like JSON is JSON. */
function guess(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function place(
  into: Record<string, unknown>,
  [name = "", ...below]: readonly string[],
  value: unknown,
): void {
  const there = into[name];
  if (below.length === 0 && there === undefined) {
    into[name] = value;
    return;
  }
  const inner = there ?? emptyTree();
  if (below.length === 0 || typeof inner !== "object" || Array.isArray(inner))
    throw new CommandError(
      `--${name} is given as a whole and in parts.`,
      `Give it once: as --${name} '{…}', or each part as --${name}.<part> <value>.`,
    );
  into[name] = inner;
  place(inner as Record<string, unknown>, below, value);
}

/** Without a prototype every name is just a name. */
const emptyTree = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>;
