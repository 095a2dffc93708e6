// The library that reads and writes photos; loaded when it is used, as a machine without it starts all the same.

export type Sharp = Awaited<ReturnType<typeof loadSharp>>;

export async function loadSharp() {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new Error("The package 'sharp' is needed to read photos. Run npm install sharp.", { cause });
  }
}
