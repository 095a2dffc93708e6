// armature list: the task types of this machine, its tasks, or its devices.
import type { DeviceState } from "../../hardware/device.ts";
import type { TaskView } from "../../task/record.ts";
import { reasonsOf } from "../attend.ts";
import type { Client } from "../client.ts";
import { CommandError } from "../command-error.ts";
import { connect } from "../connect.ts";
import { usageOf } from "../menu.ts";
import { readOptions } from "../options.ts";
import { exit, type Shell } from "../shell.ts";
import { type Terminal, table } from "../terminal.ts";

interface TaskType {
  readonly name: string;
  readonly category: string;
  readonly is_exclusive: boolean;
  readonly is_blocking: boolean;
  readonly description: string | null;
}

const lists: Readonly<Record<string, (client: Client, out: Terminal) => Promise<void>>> = {
  types: listTypes,
  tasks: listTasks,
  devices: listDevices,
};

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  const [what = "types"] = readOptions("list", words, {}, 1).positionals;
  const list = Object.hasOwn(lists, what) ? lists[what] : undefined;
  if (!list) throw new CommandError(`There is no list of '${what}'.`, `Usage: ${usageOf("list")}`);
  const { client } = await connect(shell);
  await list(client, shell.out);
  return exit.fine;
}

async function listTypes(client: Client, out: Terminal): Promise<void> {
  const types = await client.get<TaskType[]>("/task-types");
  const rows = types.map((type) => [type.name, type.category, wishes(type), type.description ?? ""]);
  for (const line of table(rows)) out.line(line);
  const rejected = (await client.get<{ status: string }[]>("/plugins")).filter(
    ({ status }) => status === "rejected",
  );
  if (rejected.length > 0)
    out.line(`\n${rejected.length} task file(s) could not be taken; \`armature doctor\` says why.`);
}

const wishes = ({ is_exclusive, is_blocking }: TaskType): string =>
  [is_exclusive ? "exclusive" : "", is_blocking ? "blocking" : ""].filter(Boolean).join(", ") || "async";

const recent = 20;

async function listTasks(client: Client, out: Terminal): Promise<void> {
  const live = "pending,running,pausing,paused,cancelling,interrupted";
  const [living, ended] = await Promise.all([
    client.get<TaskView[]>(`/tasks?limit=1000&status=${live}`),
    client.get<TaskView[]>(`/tasks/history?limit=${recent}`),
  ]);
  const tasks = [...ended.toReversed(), ...living];
  if (tasks.length === 0) out.line("No task has run yet; `armature list types` shows what there is.");
  for (const line of table(tasks.map(row))) out.line(line);
}

const row = (task: TaskView): string[] => [
  task.id,
  task.task,
  task.status,
  task.progress.percent === null ? "" : `${Math.floor(task.progress.percent)} %`,
  task.created_at.slice(0, 19).replace("T", " "),
  task.error ?? (task.blocked_by.length > 0 ? `waits: ${reasonsOf(task)}` : ""),
];

async function listDevices(client: Client, out: Terminal): Promise<void> {
  const devices = await client.get<DeviceState[]>("/devices");
  if (devices.length === 0) out.line("The profile has no devices.");
  for (const line of table(devices.map(deviceRow))) out.line(line);
}

const deviceRow = ({ name, driver, state, doing, problem, ...device }: DeviceState): string[] => [
  name,
  driver,
  state,
  shownOf(device),
  problem ?? doing ?? "",
];

/** Where it stands, or whether it is on. */
function shownOf({
  position_um,
  angle_degrees,
  is_on,
}: Pick<DeviceState, "position_um" | "angle_degrees" | "is_on">) {
  if (position_um !== null) return `${position_um} µm`;
  if (angle_degrees !== null) return `${angle_degrees}°`;
  if (is_on !== null) return is_on ? "on" : "off";
  return "";
}
