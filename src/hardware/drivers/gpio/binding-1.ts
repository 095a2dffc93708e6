// libgpiod 1.x: each pin is requested by itself.
import type { LibraryHandle } from "koffi";
import { type Bias, type Chip, consumer, type Gpio, GpioFailure } from "./lines.ts";

type Handle = object | null;

/** GPIOD_LINE_REQUEST_FLAG_… of gpiod.h 1.6. */
const activeLow = 1 << 2;
const biases: Readonly<Record<Bias, number>> = {
  as_is: 0,
  disabled: 1 << 3,
  pull_down: 1 << 4,
  pull_up: 1 << 5,
};

/** @param errno that of the last call */
export function bindingOf1(library: LibraryHandle, errno: () => number): Gpio {
  const func = (name: string, returns: string, ...takes: string[]): ReturnType<LibraryHandle["func"]> =>
    library.func(name, returns, takes);
  const openChip = func("gpiod_chip_open", "void *", "str");
  const closeChip = func("gpiod_chip_close", "void", "void *");
  const lineOf = func("gpiod_chip_get_line", "void *", "void *", "uint");
  const requestOutput = func("gpiod_line_request_output_flags", "int", "void *", "str", "int", "int");
  const requestInput = func("gpiod_line_request_input_flags", "int", "void *", "str", "int");
  const setValue = func("gpiod_line_set_value", "int", "void *", "int");
  const getValue = func("gpiod_line_get_value", "int", "void *");

  const chipAt = (chip: Handle): Chip => {
    const line = (pin: number): Handle => {
      const found = lineOf(chip, pin);
      if (!found) throw new GpioFailure("gpiod_chip_get_line", errno(), pin);
      return found;
    };
    return {
      output(pin, { isActiveLow, isOn }) {
        const found = line(pin);
        if (requestOutput(found, consumer, isActiveLow ? activeLow : 0, Number(isOn)) !== 0)
          throw new GpioFailure("gpiod_line_request_output_flags", errno(), pin);
        return {
          set(on) {
            if (setValue(found, on ? 1 : 0) !== 0)
              throw new GpioFailure("gpiod_line_set_value", errno(), pin);
          },
        };
      },
      input(pin, { isActiveLow, bias }) {
        const found = line(pin);
        if (requestInput(found, consumer, biases[bias] | (isActiveLow ? activeLow : 0)) !== 0)
          throw new GpioFailure("gpiod_line_request_input_flags", errno(), pin);
        return {
          get() {
            const value = getValue(found);
            if (value < 0) throw new GpioFailure("gpiod_line_get_value", errno(), pin);
            return value === 1;
          },
        };
      },
      // It releases the lines of the chip, too.
      close: () => closeChip(chip),
    };
  };
  return {
    version: func("gpiod_version_string", "str")(),
    openChip(path) {
      const chip = openChip(path);
      if (!chip) throw new GpioFailure("gpiod_chip_open", errno(), null);
      return chipAt(chip);
    },
  };
}
