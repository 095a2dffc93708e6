// Several axes on one straight way: how fast along it, so that none is faster than it was told. Pure.
import type { Board } from "./firmware.ts";
import type { MoveWish } from "./turns.ts";

/** @returns the speed along the way in units per second, and the seconds it takes at most */
export function straightWay(
  moves: readonly Pick<MoveWish, "letter" | "target" | "speed">[],
  board: Pick<Board, "position" | "travel">,
): { speed: number; seconds: number } {
  const distances = moves.map(({ letter, target }) => Math.abs(target - (board.position(letter) ?? target)));
  const length = Math.hypot(...distances);
  const cruise = Math.max(...moves.map(({ speed }, at) => (distances[at] ?? 0) / speed));
  const slowest = Math.min(...moves.map(({ speed }) => speed));
  const speed = length > 0 ? length / cruise : slowest;
  const accelerations = moves.map(({ letter }) => board.travel(letter)?.acceleration ?? 1);
  // Speeding up and slowing down together cost one ramp more than the way at full speed.
  return { speed, seconds: cruise + speed / Math.min(...accelerations) };
}
