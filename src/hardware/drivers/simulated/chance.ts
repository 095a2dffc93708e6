// Numbers that look like chance and are the same every time: noise that a test can repeat.

export interface Chance {
  /** 0 <= n < 1 */
  even(): number;
  /** Mean 0, standard deviation 1. */
  normal(): number;
}

export function chance(seed: number): Chance {
  let state = seed >>> 0;
  // mulberry32, by Tommy Ettinger, public domain.
  const even = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    even,
    // Box and Muller 1958.
    normal: () => Math.sqrt(-2 * Math.log(1 - even())) * Math.cos(2 * Math.PI * even()),
  };
}
