// armature run: one task with a progress bar; its result goes to stdout as JSON.
import { attend, tellEnd } from "../attend.ts";
import type { Client } from "../client.ts";
import { CommandError } from "../command-error.ts";
import { connectOrStart } from "../connect.ts";
import { usageOf } from "../menu.ts";
import { type ParameterSchema, type Parameters, readParameters } from "../parameters.ts";
import { exit, type Shell } from "../shell.ts";
import { type Terminal, table } from "../terminal.ts";

interface TaskType {
  readonly name: string;
  readonly description: string | null;
  readonly parameters: ParameterSchema | null;
}

export async function run([task, ...words]: readonly string[], shell: Shell): Promise<number> {
  if (task === undefined || task.startsWith("-"))
    throw new CommandError(
      "There is no task to run.",
      `Usage: ${usageOf("run")}; \`armature list\` shows the tasks.`,
    );
  const connection = await connectOrStart(shell);
  try {
    const type = await connection.client.get<TaskType>(`/task-types/${encodeURIComponent(task)}`);
    if (words.includes("--help") || words.includes("-h")) return describe(type, shell.out);
    return await runOne(connection.client, type, words, shell);
  } finally {
    await connection.close();
  }
}

async function runOne(
  client: Client,
  type: TaskType,
  words: readonly string[],
  shell: Shell,
): Promise<number> {
  const { json, rest } = takeJson(words);
  const parameters = { ...json, ...readParameters(rest, type.parameters) };
  const task = await attend(client, { task: type.name, parameters }, shell);
  if (task === null) return exit.interrupted;
  if (task.status === "completed" && task.result !== null)
    shell.out.line(JSON.stringify(task.result, null, 2));
  return tellEnd(task, shell.err);
}

/** `--json '{…}'` gives many parameters at once; single ones win over it. */
function takeJson(words: readonly string[]): { json: Parameters; rest: readonly string[] } {
  const at = words.findIndex((word) => word === "--json" || word.startsWith("--json="));
  if (at === -1) return { json: {}, rest: words };
  const inline = words[at]?.startsWith("--json=") ?? false;
  const text = inline ? words[at]?.slice("--json=".length) : words[at + 1];
  return { json: objectFrom(text ?? ""), rest: words.toSpliced(at, inline ? 1 : 2) };
}

function objectFrom(text: string): Parameters {
  const remedy = `Write all parameters as one object, as in --json '{"steps": 3}'.`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CommandError(`--json is not JSON: ${(error as Error).message}`, remedy, { cause: error });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Parameters;
  throw new CommandError(`--json is ${text}, not an object.`, remedy);
}

function describe({ name, description, parameters }: TaskType, out: Terminal): number {
  out.line(out.style("bold", name));
  if (description) out.line(description);
  const rows = Object.entries(parameters?.properties ?? {}).map(([key, schema]) => [
    `  --${key}`,
    typeOf(schema),
    needOf(key, schema, parameters?.required ?? []),
    schema.description ?? "",
  ]);
  out.line(rows.length > 0 ? "" : "It takes no parameters.");
  for (const line of table(rows)) out.line(line);
  return exit.fine;
}

function needOf(key: string, { default: value }: ParameterSchema, required: readonly string[]): string {
  if (value !== undefined) return `default ${JSON.stringify(value)}`;
  return required.includes(key) ? "required" : "";
}

/** `integer, 1 to 999` */
function typeOf(schema: ParameterSchema): string {
  return [kindOf(schema), rangeOf(schema)].filter((part) => part !== "").join(", ");
}

/** Bounds beyond whole numbers are those of the number format, not of the task. */
function rangeOf({ minimum, exclusiveMinimum, maximum }: ParameterSchema): string {
  const said = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (said(minimum) && said(maximum)) return `${minimum} to ${maximum}`;
  const least = said(minimum)
    ? `at least ${minimum}`
    : said(exclusiveMinimum)
      ? `above ${exclusiveMinimum}`
      : "";
  const most = said(maximum) ? `at most ${maximum}` : "";
  return [least, most].filter((part) => part !== "").join(", ");
}

function kindOf(schema: ParameterSchema): string {
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.const !== undefined) return String(schema.const);
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  return [...types, ...(schema.anyOf ?? []).map(typeOf)].join(" | ");
}
