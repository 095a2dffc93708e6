// libgpiod 2.x: settings make a configuration, a configuration makes a request.
import type { LibraryHandle } from "koffi";
import { type Bias, type Chip, consumer, type Gpio, GpioFailure } from "./lines.ts";

type Handle = object | null;

/** GPIOD_LINE_DIRECTION_… and GPIOD_LINE_BIAS_… of gpiod.h 2. */
const directions = { input: 2, output: 3 } as const;
const biases: Readonly<Record<Bias, number>> = { as_is: 1, disabled: 3, pull_up: 4, pull_down: 5 };

interface LineSettings {
  readonly direction: keyof typeof directions;
  readonly isActiveLow: boolean;
  readonly bias: Bias;
  readonly isOn: boolean;
}

/** @param errno that of the last call */
export function bindingOf2(library: LibraryHandle, errno: () => number): Gpio {
  const func = (name: string, returns: string, ...takes: string[]): ReturnType<LibraryHandle["func"]> =>
    library.func(name, returns, takes);
  const openChip = func("gpiod_chip_open", "void *", "str");
  const closeChip = func("gpiod_chip_close", "void", "void *");
  const newSettings = func("gpiod_line_settings_new", "void *");
  const freeSettings = func("gpiod_line_settings_free", "void", "void *");
  const setDirection = func("gpiod_line_settings_set_direction", "int", "void *", "int");
  const setBias = func("gpiod_line_settings_set_bias", "int", "void *", "int");
  const setActiveLow = func("gpiod_line_settings_set_active_low", "void", "void *", "bool");
  const setFirstValue = func("gpiod_line_settings_set_output_value", "int", "void *", "int");
  const newLines = func("gpiod_line_config_new", "void *");
  const freeLines = func("gpiod_line_config_free", "void", "void *");
  const addLine = func("gpiod_line_config_add_line_settings", "int", "void *", "uint *", "size_t", "void *");
  const newConsumer = func("gpiod_request_config_new", "void *");
  const freeConsumer = func("gpiod_request_config_free", "void", "void *");
  const setConsumer = func("gpiod_request_config_set_consumer", "void", "void *", "str");
  const requestLines = func("gpiod_chip_request_lines", "void *", "void *", "void *", "void *");
  const release = func("gpiod_line_request_release", "void", "void *");
  const setValue = func("gpiod_line_request_set_value", "int", "void *", "uint", "int");
  const getValue = func("gpiod_line_request_get_value", "int", "void *", "uint");

  const request = (chip: Handle, pin: number, settings: LineSettings): Handle => {
    const [line, lines, requester]: Handle[] = [newSettings(), newLines(), newConsumer()];
    try {
      setActiveLow(line, settings.isActiveLow);
      setConsumer(requester, consumer);
      const fits =
        setDirection(line, directions[settings.direction]) === 0 &&
        setBias(line, biases[settings.bias]) === 0 &&
        setFirstValue(line, Number(settings.isOn)) === 0 &&
        addLine(lines, [pin], 1, line) === 0;
      const requested = fits ? requestLines(chip, requester, lines) : null;
      if (!requested) throw new GpioFailure("gpiod_chip_request_lines", errno(), pin);
      return requested;
    } finally {
      freeSettings(line);
      freeLines(lines);
      freeConsumer(requester);
    }
  };

  const chipAt = (chip: Handle): Chip => {
    const requests: Handle[] = [];
    const take = (pin: number, settings: LineSettings): Handle => {
      const taken = request(chip, pin, settings);
      requests.push(taken);
      return taken;
    };
    return {
      output(pin, options) {
        const taken = take(pin, { ...options, direction: "output", bias: "as_is" });
        return {
          set(on) {
            if (setValue(taken, pin, on ? 1 : 0) !== 0)
              throw new GpioFailure("gpiod_line_request_set_value", errno(), pin);
          },
        };
      },
      input(pin, options) {
        const taken = take(pin, { ...options, direction: "input", isOn: false });
        return {
          get() {
            const value = getValue(taken, pin);
            if (value < 0) throw new GpioFailure("gpiod_line_request_get_value", errno(), pin);
            return value === 1;
          },
        };
      },
      close() {
        for (const taken of requests) release(taken);
        closeChip(chip);
      },
    };
  };
  return {
    version: func("gpiod_api_version", "str")(),
    openChip(path) {
      const chip = openChip(path);
      if (!chip) throw new GpioFailure("gpiod_chip_open", errno(), null);
      return chipAt(chip);
    },
  };
}
