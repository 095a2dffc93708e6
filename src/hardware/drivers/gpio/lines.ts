// Pins as the drivers use them, whichever libgpiod is behind them. `true` is the logical level: with `isActiveLow` that
// is a low voltage.

export type Bias = "as_is" | "disabled" | "pull_up" | "pull_down";

export interface Gpio {
  /** Of libgpiod, as in `1.6.3`. */
  readonly version: string;
  /** @param path as in `/dev/gpiochip0` @throws GpioFailure */
  openChip(path: string): Chip;
}

export interface Chip {
  /** @param isOn from the first moment @throws GpioFailure */
  output(pin: number, options: { readonly isActiveLow: boolean; readonly isOn: boolean }): Output;
  /** @throws GpioFailure */
  input(pin: number, options: { readonly isActiveLow: boolean; readonly bias: Bias }): Input;
  /** Lets go of all its pins, and of itself. */
  close(): void;
}

export interface Output {
  /** @throws GpioFailure */
  set(isOn: boolean): void;
}

export interface Input {
  /** @throws GpioFailure */
  get(): boolean;
}

/** A call of libgpiod that failed; `errno` says why. */
export class GpioFailure extends Error {
  readonly errno: number;
  /** Null where it was the chip. */
  readonly pin: number | null;

  constructor(call: string, errno: number, pin: number | null) {
    super(`${call} failed with errno ${errno}`);
    this.errno = errno;
    this.pin = pin;
  }
}

/** Who holds the pins, in the lists of gpioinfo. */
export const consumer = "armature";
