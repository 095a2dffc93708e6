// What the pages say that the code says already: made from the code, so that the two cannot differ.
import { z } from "zod";
import { createApi } from "../../src/api/app.ts";
import { refusalOf } from "../../src/api/problem.ts";
import { catalogue, type ErrorCode, type ErrorKind } from "../../src/errors/catalogue.ts";
import { RuntimeError } from "../../src/errors/runtime-error.ts";
import { eventTypes } from "../../src/events/catalogue.ts";
import { cloudSchema } from "../../src/settings/cloud.ts";
import { firmwareSchema } from "../../src/settings/firmware.ts";
import { redisSchema } from "../../src/settings/redis.ts";
import { webhooksSchema } from "../../src/settings/webhooks.ts";
import { lifecycle } from "../../src/task/lifecycle.ts";
import { markdownTable, read, sectionsOf, withPart } from "./page.ts";

/** By page, relative to the project: how its text becomes current. */
export const currentPages: Readonly<Record<string, (page: string) => string>> = {
  "docs/settings.md": (page) =>
    [
      ["keys", settingsPart()] as const,
      ["webhook keys", restartKeysPart(webhooksSchema, "hooks")] as const,
      ["redis keys", restartKeysPart(redisSchema, "subscriptions")] as const,
      ["cloud keys", restartKeysPart(cloudSchema)] as const,
    ].reduce((text, [name, part]) => withPart(text, name, part), page),
  "docs/events.md": (page) => withPart(page, "types", eventsPart(page)),
  "docs/lifecycle.md": (page) => withPart(withPart(page, "diagram", diagram()), "table", lifecycleTable()),
  "docs/using-the-api.md": (page) => withPart(page, "routes", routesPart()),
  "docs/errors.md": (page) => withPart(page, "codes", errorsPart(page)),
};

/** The page as it is and as it should be. */
export function pageAndCurrent(name: string): { page: string; current: string } {
  const page = read(name);
  const make = currentPages[name];
  if (!make) throw new Error(`nothing in ${name} is generated`);
  return { page, current: make(page) };
}

interface Property {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Property>>;
  readonly anyOf?: readonly Property[];
  readonly items?: Property;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
  readonly restart?: boolean;
}

function settingsPart(): string {
  const schema = z.toJSONSchema(firmwareSchema, { io: "input" }) as Property;
  const rows = settingsRows(schema.properties ?? {}, "");
  return markdownTable([["key", "values", "default", "change", "meaning"], ...rows]);
}

/** Of a file whose keys all need a new start. @param list the key whose items have keys of their own */
function restartKeysPart(schema: z.ZodType, list = ""): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" }) as Property;
  const ofItems = properties[list]?.items?.properties ?? {};
  const rows = [...settingsRows(properties, ""), ...settingsRows(ofItems, `${list}[].`)];
  return markdownTable([
    ["key", "values", "default", "meaning"],
    ...rows.map(([key = "", values = "", standard = "", , meaning = ""]) => [key, values, standard, meaning]),
  ]);
}

function settingsRows(properties: Readonly<Record<string, Property>>, above: string): string[][] {
  return Object.entries(properties).flatMap(([name, property]) => {
    if (property.properties) return settingsRows(property.properties, `${above}${name}.`);
    const { default: standard, restart, description = "" } = property;
    return [
      [
        `\`${above}${name}\``,
        valuesOf(property),
        standard === undefined ? "" : `\`${JSON.stringify(standard)}\``,
        restart ? "restart" : "live",
        description,
      ],
    ];
  });
}

function valuesOf(property: Property): string {
  const { type, anyOf, items, enum: choices } = property;
  if (choices) return choices.map((choice) => `\`${JSON.stringify(choice)}\``).join(", ");
  if (anyOf) return anyOf.map(valuesOf).join(" or ");
  if (Array.isArray(type)) return type.join(" or ");
  if (type === "array") return `list of ${items?.type ?? "anything"}s`;
  const { minimum, exclusiveMinimum, maximum } = property;
  if (minimum !== undefined && maximum !== undefined) return `${type} ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${type} ≥ ${minimum}`;
  if (exclusiveMinimum !== undefined) return `${type} > ${exclusiveMinimum}`;
  return String(type ?? "");
}

/** Type and fields come from the catalogue, what they mean stays as a person wrote it. */
function eventsPart(page: string): string {
  const meanings = new Map(
    [...page.matchAll(/^\| `(\w+)` \| [^|]* \| (.*) \|$/gm)].map(([, type, meaning]) => [type, meaning]),
  );
  const rows = Object.entries(eventTypes).map(([type, fields]) => [
    `\`${type}\``,
    fields.map((field) => `\`${field}\``).join(", "),
    meanings.get(type) ?? "",
  ]);
  return markdownTable([["type", "adds", "when"], ...rows]);
}

function diagram(): string {
  const arrows = Object.entries(lifecycle).flatMap(([from, targets]) =>
    targets.map((to) => `    ${from} --> ${to}`),
  );
  const ends = ["completed", "failed", "cancelled"].map((status) => `    ${status} --> [*]`);
  return ["```mermaid", "stateDiagram-v2", "    [*] --> pending", ...arrows, ...ends, "```"].join("\n");
}

function lifecycleTable(): string {
  const rows = Object.entries(lifecycle).map(([from, targets]) => [
    `\`${from}\``,
    targets.map((to) => `\`${to}\``).join(", ") || "nothing",
  ]);
  return markdownTable([["from", "to"], ...rows]);
}

function routesPart(): string {
  const { routes } = createApi({ types: {}, limits: {} } as Parameters<typeof createApi>[0]);
  const rows = routes.map(({ method, path, summary, answers }) => [
    `\`${method.toUpperCase()} ${path}\``,
    Object.keys(answers).join(", "),
    summary,
  ]);
  return markdownTable([["route", "answers", "what it does"], ...rows]);
}

const whenOf = (page: string): Map<string, string> =>
  new Map(
    sectionsOf(page).map(({ title, text }) => [title, /^When: (.+?)(?=\n\n|$)/ms.exec(text)?.[1] ?? ""]),
  );

/** One section a code. Sentence, kind, status and remedy come from the catalogue; `When:` stays as a person wrote it. */
function errorsPart(page: string): string {
  const when = whenOf(page);
  return Object.entries(catalogue)
    .map(([code, { kind, sentence, remedy }]) =>
      [
        `### ${code}`,
        `> ${prose(sentence)}`,
        kindLine(code as ErrorCode, kind),
        `When: ${when.get(code) ?? ""}`,
        `Remedy: ${prose(remedy)}`,
      ].join("\n\n"),
    )
    .join("\n\n");
}

/** `{hint}` and `{remedy}` are filled at run time; `<` would begin a tag. */
const prose = (text: string): string =>
  text
    .replace(/\{(hint|remedy)\}/g, "")
    .trim()
    .replaceAll("<", "\\<");

function kindLine(code: ErrorCode, kind: ErrorKind): string {
  if (kind === "task") return "Kind `task`: in a task's `failure`.";
  const { problem } = refusalOf(new RuntimeError(code), "/", silent);
  return `Kind \`${kind}\`: HTTP ${problem.status}.`;
}

const ignore = (): undefined => undefined;
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };
