// A clock that stands still until everything that was written to a socket in this process has been read.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type net from "node:net";
import { onTestFinished } from "vitest";
import { FakeClock, settled } from "../../../fake-clock.ts";

export class WireClock extends FakeClock {
  constructor() {
    const sockets = new Set<net.Socket>();
    const seen = (message: unknown): void => {
      sockets.add((message as { socket: net.Socket }).socket);
    };
    for (const side of sides) subscribe(side, seen);
    onTestFinished(() => {
      for (const side of sides) unsubscribe(side, seen);
    });
    super(undefined, async () => {
      do await settled();
      while (!isQuiet(sockets));
    });
  }
}

const sides = ["net.client.socket", "net.server.socket"];

/** What all have written, all have read. */
function isQuiet(sockets: ReadonlySet<net.Socket>): boolean {
  const open = [...sockets].filter(({ destroyed }) => !destroyed);
  const sum = (of: (socket: net.Socket) => number): number =>
    open.reduce((total, socket) => total + of(socket), 0);
  const isWhole = open.length % 2 === 0 && open.every(({ connecting }) => !connecting);
  return isWhole && sum(({ bytesWritten }) => bytesWritten) === sum(({ bytesRead }) => bytesRead);
}
