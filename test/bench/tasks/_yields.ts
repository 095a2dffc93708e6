// What the generator of the progress row does, with and without a runtime around it.

export interface Yields {
  readonly yields: number;
  readonly seconds: number;
}

export async function* yieldFor(seconds: number) {
  const begun = performance.now();
  const end = begun + seconds * 1000;
  let yields = 0;
  while (performance.now() < end) {
    yields++;
    yield { current: yields, total: 1e9, message: "counting" };
  }
  return { yields, seconds: (performance.now() - begun) / 1000 } satisfies Yields;
}
