// What the power took the ground from: tasks that held devices that move. Nobody knows where these stand. Pure.
import { isActive } from "../../task/lifecycle.ts";
import type { StoredTask } from "../../task/record.ts";
import type { TaskTypes } from "../ports.ts";
import { claimsHeld } from "../queue/claims.ts";

/** @param stored as the disk has it, before anything is made of it @returns ids, oldest first */
export function interruptedInMotion(
  stored: readonly StoredTask[],
  types: TaskTypes,
  moves: (name: string) => boolean,
): string[] {
  const held = ({ record, memo }: StoredTask): boolean => {
    const type = types.get(record.task);
    const claims = type && claimsHeld(type.policy, memo.claims);
    // Of a type that is gone nobody knows what it held.
    return claims === undefined || Object.keys(claims).some(moves);
  };
  return stored.filter((task) => isActive(task.record.status) && held(task)).map(({ record }) => record.id);
}
