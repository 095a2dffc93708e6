// What a task will ask of devices is known when it is submitted, where its schema marks its parameters: then a target
// outside the limits is refused before anything is stored or moves.
import { isRuntimeError, RuntimeError } from "../../errors/runtime-error.ts";
import { getOrMake } from "../../lib/get-or-make.ts";
import type { Capability } from "../../task/devices.ts";
import type { Limits, TaskType } from "../ports.ts";
import { deviceClaimed } from "./claimed.ts";
import type { DeviceDemand, Machine } from "./port.ts";

export interface DemandsDeps {
  readonly machine: Machine;
  readonly limits: () => Limits;
  /** Who holds this name, or waits in line for it; null where nobody does. */
  readonly claimantOf: (name: string) => { readonly task: string | null } | null;
}

const marks = ["device", "position_of", "distance_of", "focus_of"] as const;

type Parameters = Readonly<Record<string, unknown>>;
type Asking = Pick<TaskType, "name" | "parametersSchema">;

/** A parameter, or each element of a list, that says something of a device; all but `device` name another parameter, or a device. */
interface Mark {
  readonly parameter: string;
  readonly says: (typeof marks)[number];
  readonly value: string | true;
}

interface Placed {
  readonly path: string;
  readonly demand: DeviceDemand;
}

const hint = ' Where devices.when_claimed is "queue" in the settings, tasks wait for their turn.';

const nothingToLeave = (): void => undefined;

export class Demands {
  readonly #deps: DemandsDeps;
  readonly #marks = new WeakMap<object, readonly Mark[]>();
  /** Tasks on their way into the queue, by what they will claim there. */
  readonly #coming = new Map<string, number>();

  constructor(deps: DemandsDeps) {
    this.#deps = deps;
  }

  /**
   * For a task that starts at some time.
   * @throws INVALID_PARAMETERS for a device that is not there, and what else `Machine.check` throws, with the path
   */
  check(type: Asking, parameters: Parameters): void {
    for (const placed of this.#of(type, parameters)) this.#ask(type, placed, false);
  }

  /**
   * For a task that goes into the queue now: where nobody will move the device before it does, its way counts, too.
   * @returns to be called when it stands in the queue, or was refused
   * @throws the same, and DEVICE_CLAIMED where the settings say so
   */
  admit(type: Asking, parameters: Parameters): () => void {
    const asked = this.#of(type, parameters);
    if (asked.length === 0) return nothingToLeave;
    const names = new Set(asked.map(({ demand }) => demand.device));
    const claimed = new Set([...names].filter((name) => this.#isClaimed(name)));
    for (const placed of asked) this.#ask(type, placed, !claimed.has(placed.demand.device));
    for (const name of names) this.#coming.set(name, (this.#coming.get(name) ?? 0) + 1);
    return () => {
      for (const name of names) this.#left(name);
    };
  }

  #of(type: Asking, parameters: Parameters): readonly Placed[] {
    const { parametersSchema } = type;
    if (parametersSchema === null) return [];
    const marks = getOrMake(this.#marks, parametersSchema, () => marksIn(parametersSchema));
    return marks.flatMap((mark) => placedBy(mark, parameters));
  }

  #ask({ name: task }: Asking, { path, demand }: Placed, isNext: boolean): void {
    try {
      this.#deps.machine.check(isNext ? demand : { ...demand, distance: null });
    } catch (error) {
      if (!isRuntimeError(error)) throw error;
      // It is the request that is wrong: what it was sent to is there.
      if (error.code === "UNKNOWN_DEVICE") {
        const message = `${error.message} ${error.remediation}`;
        throw new RuntimeError("INVALID_PARAMETERS", { task, errors: [{ path, message }] }, { cause: error });
      }
      const errors = [{ path, message: error.message }];
      throw new RuntimeError(error.code, { ...error.details, errors }, { cause: error });
    }
  }

  /** @throws DEVICE_CLAIMED where the owner wants nobody to wait */
  #isClaimed(device: string): boolean {
    const claimant = this.#deps.claimantOf(device);
    const isClaimed = claimant !== null || this.#coming.has(device);
    if (isClaimed && this.#deps.limits().refusesClaimedDevices)
      throw deviceClaimed(device, claimant?.task ?? null, hint);
    return isClaimed;
  }

  #left(name: string): void {
    const others = (this.#coming.get(name) ?? 0) - 1;
    if (others > 0) this.#coming.set(name, others);
    else this.#coming.delete(name);
  }
}

function marksIn(schema: object): Mark[] {
  const { properties = {} } = schema as { properties?: Record<string, Record<string, unknown>> };
  return Object.entries(properties).flatMap(([parameter, described]) => {
    const { items } = described as { items?: Record<string, unknown> };
    const marked = { ...items, ...described };
    return marks.flatMap((says) => {
      const value = marked[says];
      return typeof value === "string" || value === true ? { parameter, says, value } : [];
    });
  });
}

/** Nothing where the parameter was left out. */
function placedBy(mark: Mark, parameters: Parameters): Placed[] {
  const given = parameters[mark.parameter];
  const path = `parameters.${mark.parameter}`;
  if (!Array.isArray(given)) return demandOf(mark, given, parameters, path);
  return given.flatMap((one, index) => demandOf(mark, one, parameters, `${path}[${index}]`));
}

function demandOf({ says, value }: Mark, given: unknown, parameters: Parameters, path: string): Placed[] {
  const nothing = { position: null, distance: null };
  if (says === "device") {
    if (typeof given !== "string") return [];
    const capability = value === true ? null : (value as Capability);
    return [{ path, demand: { device: given, capability, ...nothing } }];
  }
  if (typeof given !== "number" || value === true) return [];
  const named = parameters[value];
  const device = typeof named === "string" ? named : value;
  const where = says === "distance_of" ? { distance: given } : { position: given };
  const capability = says === "focus_of" ? "focusable" : "movable";
  return [{ path, demand: { device, capability, ...nothing, ...where } }];
}
