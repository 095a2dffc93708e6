// The focus of a camera during a scan: where it is to stand for each photo, and how it stood before.
import { refuseFocusOutside } from "../hardware/lens.ts";
import { demand } from "../task/capabilities.ts";
import type { Focusable } from "../task/devices.ts";
import type { FocusStack, FocusStackOptions, Services } from "../task/services.ts";

export const focus: Services["focus"] = {
  stack: (camera, options) => focus.at(camera, options.count === 1 ? [] : positionsOf(options)),

  at(device, positions) {
    if (positions.length === 0) return untouched;
    const camera = demand(device, "focusable");
    for (const position of positions) refuseFocusOutside(camera, position);
    return new Stack(camera, positions);
  },
};

const untouched: FocusStack = {
  positions: [null],
  focusAt: async () => undefined,
  restore: async () => undefined,
};

/** Evenly apart in dioptres, so that neighbours are alike blurred in between wherever they lie. */
const positionsOf = ({ count, minDioptres, maxDioptres }: FocusStackOptions): number[] =>
  // The last one as it was asked for: a rounding error must not take it beyond a limit.
  Array.from({ length: count }, (_, i) =>
    i === count - 1 ? maxDioptres : minDioptres + (i * (maxDioptres - minDioptres)) / (count - 1),
  );

class Stack implements FocusStack {
  readonly positions: readonly number[];
  readonly #camera: Focusable;
  readonly #before: number | null;

  constructor(camera: Focusable, positions: readonly number[]) {
    this.positions = positions;
    this.#camera = camera;
    this.#before = camera.focusDioptres;
  }

  async focusAt(position: number | null): Promise<void> {
    if (position !== null) await this.#camera.focusAt(position);
  }

  async restore(log: { warn(message: string, fields?: object): void }): Promise<void> {
    try {
      await (this.#before === null ? this.#camera.autofocus() : this.#camera.focusAt(this.#before));
    } catch (error) {
      log.warn(`${this.#camera.name} was not given back its focus`, { problem: String(error) });
    }
  }
}
