// What one message on a stream is made of, before it is a WebSocket frame or a server-sent event.

export interface Frame {
  /** The event it tells of; a snapshot carries the latest that it contains. */
  readonly seq: number;
  /** JSON. */
  readonly text: string;
  /** Set on progress: of those with the same key only the newest needs to arrive. */
  readonly replaces: string | null;
  /** The name of a server-sent event that is not one of the log's. */
  readonly name?: "snapshot";
}

/** Where frames go. */
export interface Sink {
  send(frame: Frame): void;
  ping(): void;
  /** Bytes handed over that the network has not taken yet. */
  readonly waitingBytes: number;
  end(code: number, reason: string): void;
}

/** WebSocket close codes; streams of events use the same numbers. */
export const closeCodes = { goingAway: 1001, tryAgainLater: 1013 } as const;
