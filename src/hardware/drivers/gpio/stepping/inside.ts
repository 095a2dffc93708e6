// Runs in the stepping process of one axis: holds its pins and makes its steps.
import { RuntimeError } from "../../../../errors/runtime-error.ts";
import { answer, type Channel } from "../../../process/inside.ts";
import { failingClearly, type GpioPlace, loadGpio, takePins } from "../library.ts";
import type { Chip, Output } from "../lines.ts";
import type { MotorWiring, SteppingCalls, SteppingNews, SwitchPin } from "./orders.ts";
import { Stepper } from "./stepper.ts";

/** An axis that is ready to move. */
interface Ready {
  readonly place: GpioPlace;
  readonly chip: Chip;
  readonly enable: Output | null;
  readonly stepper: Stepper;
}

/** @param memory numbers that the axis sets while this is busy */
export function serve(channel: Channel, memory: SharedArrayBuffer): void {
  const numbers = new Int32Array(memory);
  let ready: Ready | null = null;
  const demand = (): Ready => {
    if (!ready) throw new RuntimeError("DEVICE_FAILED", { problem: "it is not open" });
    return ready;
  };
  const tell = (position: number): void => channel.send({ news: { position } satisfies SteppingNews });
  answer<SteppingCalls>(channel, {
    open({ wiring, position }) {
      ready = open(wiring, numbers, tell);
      ready.stepper.position = position;
      return loadGpio(wiring).version;
    },
    go(order) {
      const { place, stepper } = demand();
      try {
        return failingClearly(place, () => stepper.go(order));
      } finally {
        tell(stepper.position);
      }
    },
    count(position) {
      demand().stepper.position = position;
    },
    close() {
      ready?.enable?.set(false);
      ready?.chip.close();
      ready = null;
    },
  });
}

function open(wiring: MotorWiring, numbers: Int32Array, tell: (position: number) => void): Ready {
  const { switches, enable, pulseUs, directionSetupUs } = wiring;
  const { chip, pins } = takePins(wiring, (from) => {
    const input = (wired: SwitchPin | null) => wired && from.input(wired.pin, wired);
    return {
      step: from.output(wiring.step, { isActiveLow: false, isOn: false }),
      direction: from.output(wiring.direction, { isActiveLow: wiring.isDirectionInverted, isOn: true }),
      switches: { min: input(switches.min), max: input(switches.max), home: input(switches.home) },
      // Last: a motor that gets its current with everything else in place does not jerk.
      enable: enable && from.output(enable.pin, { isActiveLow: enable.isActiveLow, isOn: true }),
    };
  });
  const stepper = new Stepper({ pins, pulseUs, directionSetupUs, numbers, tell });
  return { place: wiring, chip, enable: pins.enable, stepper };
}
