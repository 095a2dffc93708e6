// How much is measured: all of it for figures to rely on, or a little to see that everything still runs.

export interface Scale {
  /** Of measurements that alternate; the median counts. */
  readonly rounds: number;
  /** Of processes that are started and looked at. */
  readonly boots: number;
  readonly loadSeconds: number;
  readonly warmUpRequests: number;
  readonly lives: number;
  readonly diskTasks: number;
  readonly storedTasks: number;
  readonly yieldSeconds: number;
  readonly blockingTasks: number;
  readonly cancels: number;
  /** Attempts that have a process each. */
  readonly processes: number;
  readonly submits: number;
  /** Ended tasks whose memory is weighed. */
  readonly kept: number;
  /** Of the scheduler alone, in this process. */
  readonly queueRounds: number;
  /** Random starts of each alignment. */
  readonly alignments: number;
}

export const full: Scale = {
  rounds: 5,
  boots: 5,
  loadSeconds: 2,
  warmUpRequests: 5000,
  lives: 30_000,
  diskTasks: 1000,
  storedTasks: 10_000,
  yieldSeconds: 2,
  blockingTasks: 240,
  cancels: 60,
  processes: 20,
  submits: 2000,
  kept: 20_000,
  queueRounds: 5,
  alignments: 100,
};

export const quick: Scale = {
  rounds: 1,
  boots: 1,
  loadSeconds: 0.2,
  warmUpRequests: 0,
  lives: 240,
  diskTasks: 60,
  storedTasks: 200,
  yieldSeconds: 0.2,
  blockingTasks: 8,
  cancels: 2,
  processes: 1,
  submits: 20,
  kept: 200,
  queueRounds: 1,
  alignments: 1,
};
