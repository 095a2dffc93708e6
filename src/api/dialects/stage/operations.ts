// The five operations of the alignment stage: what they are called there, where they live, and the task that does each.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { TaskView } from "../../../task/record.ts";

export const operationTypes = [
  "axis_movement",
  "angle_adjustment",
  "flat_alignment",
  "focus_alignment",
  "profile_measurement",
] as const;

export type OperationType = (typeof operationTypes)[number];

/** Where each of them is looked at and stopped. */
export const paths: Readonly<Record<OperationType, string>> = {
  axis_movement: "/move",
  angle_adjustment: "/angle-adjustment",
  flat_alignment: "/alignment/flat",
  focus_alignment: "/alignment/focus",
  profile_measurement: "/profile",
};

export const taskOf = (operation: OperationType): string => `${operation}_task`;

export const stageTasks: readonly string[] = operationTypes.map(taskOf);

/** The stage's numbers of its axes begin with 1; the names are those of the devices. */
const axes = ["x", "y", "z", "tx", "ty", "tz"] as const;
export const axisCount = axes.length;

export const axisName = (number: number): string => axes[number - 1] as string;

/** The stage's number of a device; what is no axis of the stage stays as it is. */
export function axisNumber(name: unknown): unknown {
  const index = (axes as readonly unknown[]).indexOf(name);
  return index === -1 ? name : index + 1;
}

/** @throws NOT_A_STAGE_OPERATION */
export function operationOf({ id, task }: TaskView): OperationType {
  const operation = operationTypes.find((type) => taskOf(type) === task);
  if (operation === undefined) throw new RuntimeError("NOT_A_STAGE_OPERATION", { id, task });
  return operation;
}
