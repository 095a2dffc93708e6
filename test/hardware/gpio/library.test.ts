import { expect, test } from "vitest";
import { loadGpio, takePins } from "../../../src/hardware/drivers/gpio/library.ts";
import { testWithLibrary } from "../native.ts";

const onLibrary = testWithLibrary("libgpiod (apt install libgpiod2)", () => loadGpio({ device: "light" }));
const refusalOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

onLibrary("the library that is installed says its version", () => {
  expect(loadGpio({ device: "light" }).version).toMatch(/^(1\.[456]|2\.\d)/);
});

onLibrary("a chip that is not there is named, with those that are", () => {
  expect(refusalOf(() => takePins({ device: "light", chip: "gpiochip99" }, () => null))).toMatchObject({
    code: "DEVICE_FAILED",
    details: {
      problem: "there is no /dev/gpiochip99",
      remedy: expect.stringMatching(
        /^There is (no GPIO chip on this machine|\/dev\/gpiochip0).*'chip' in the device profile/,
      ),
    },
  });
});

onLibrary("a file that is no chip is told apart", () => {
  expect(refusalOf(() => takePins({ device: "light", chip: "/dev/null" }, () => null))).toMatchObject({
    code: "DEVICE_FAILED",
    details: {
      problem: expect.stringContaining("/dev/null cannot be used: gpiod_chip_open failed with errno"),
    },
  });
});

test.each([
  ["is not there", "libgpiod-of-nobody.so"],
  ["is another one", "libc.so.6"],
])("a library that %s is refused with what to install", (_, file) => {
  expect(refusalOf(() => loadGpio({ device: "light", library: file }))).toMatchObject({
    code: "DEVICE_FAILED",
    details: {
      problem: expect.stringMatching(
        /^libgpiod cannot be loaded: .*(libgpiod-of-nobody|is no libgpiod 1.6 or 2)/,
      ),
      remedy: expect.stringContaining("apt install libgpiod3, libgpiod2 on Debian 12"),
    },
  });
});
