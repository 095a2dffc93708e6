// What an axis and its stepping process say to each other. All in steps and seconds; up is where positions grow.
import type { Bias } from "../lines.ts";

export interface SwitchPin {
  readonly pin: number;
  readonly isActiveLow: boolean;
  readonly bias: Bias;
}

export const switchNames = ["min", "max", "home"] as const;
export type SwitchName = (typeof switchNames)[number];

export interface MotorWiring {
  readonly device: string;
  readonly chip: string;
  readonly library: string | undefined;
  readonly step: number;
  readonly direction: number;
  readonly isDirectionInverted: boolean;
  /** Null where the motor is always on. */
  readonly enable: { readonly pin: number; readonly isActiveLow: boolean } | null;
  readonly switches: Readonly<Record<SwitchName, SwitchPin | null>>;
  readonly pulseUs: number;
  readonly directionSetupUs: number;
}

export interface StepOrder {
  /** Grows by one with each order; a stop names it. */
  readonly id: number;
  /** Negative is downwards. */
  readonly steps: number;
  readonly topSpeed: number;
  readonly acceleration: number;
  /** It ends where the switch gets there, without a way to brake. */
  readonly until: { readonly switch: SwitchName; readonly isClosed: boolean } | null;
}

export interface StepEnd {
  readonly position: number;
  /** `found`: what it was to go on until; `limit`: an end switch has closed. */
  readonly ended: "arrived" | "stopped" | "limit" | "found";
  /** By how much the system has held up one step at most. */
  readonly latestMs: number;
  /** How often it was held up for so long that it had to start from standstill again. */
  readonly restarts: number;
}

export interface SteppingCalls {
  /** @returns the version of libgpiod */
  open(start: { readonly wiring: MotorWiring; readonly position: number }): string;
  go(order: StepOrder): StepEnd;
  /** From now on the axis stands there. */
  count(position: number): void;
  close(nothing: null): void;
}

export interface SteppingNews {
  readonly position: number;
}

/** The place of the number that stops: the id of the last order that has to end. */
export const stopPlace = 0;
