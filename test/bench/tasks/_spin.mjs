// Work for a processor. JavaScript, so that a bare worker loads it without a compiler.

/** @param {number} rounds how much */
export function spin(rounds) {
  let value = 1;
  for (let round = 0; round < rounds; round++) value = Math.imul(value ^ (value >>> 15), 0x85ebca6b) + round;
  return value;
}
