// A stand-in at the end of a line: a network socket, or a serial port that is a pseudo-terminal.
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { deferred } from "../../../../src/lib/deferred.ts";
import { openPty } from "./pty.ts";

export interface StandIn {
  receive(bytes: Uint8Array): void;
  say: (text: string) => void;
}

export interface Served {
  /** As a profile names it. */
  readonly port: string;
  /** Somebody has spoken to it. */
  readonly met: Promise<void>;
  /** The line breaks; a network socket can be connected to again. */
  hangUp(): void;
  /** Noise on the line, as it is. */
  noise(text: string): void;
}

/** How a stand-in's words travel: as they are, or split and late. */
export type Sender = (send: (bytes: Buffer) => void) => (text: string) => void;

export const asItIs: Sender = (send) => (text) => send(Buffer.from(text, "latin1"));

export async function overTcp(
  standIn: StandIn,
  sender: Sender = asItIs,
): Promise<Served & { server: net.Server }> {
  let socket: net.Socket | null = null;
  const met = deferred();
  const server = net.createServer({ noDelay: true }, (incoming) => {
    socket?.destroy();
    socket = incoming;
    incoming.on("data", (bytes) => standIn.receive(bytes));
    incoming.once("data", () => met.resolve());
    incoming.on("error", () => incoming.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const send = (bytes: Buffer): void => {
    if (socket && !socket.destroyed) socket.write(bytes);
  };
  standIn.say = sender(send);
  onTestFinished(() => {
    socket?.destroy();
    server.close();
  });
  return {
    server,
    met: met.promise,
    port: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hangUp: () => socket?.destroy(),
    noise: (text) => send(Buffer.from(text, "latin1")),
  };
}

/** @returns `hangUp` has to be called by whoever opens it */
export function overPty(standIn: StandIn, sender: Sender = asItIs): Omit<Served, "met"> {
  const pty = openPty();
  const send = (bytes: Buffer): void => {
    if (!pty.master.destroyed) pty.master.write(bytes);
  };
  pty.master.on("data", (bytes: Buffer) => standIn.receive(bytes));
  pty.master.on("error", () => pty.close());
  standIn.say = sender(send);
  return { port: pty.path, hangUp: () => pty.close(), noise: (text) => send(Buffer.from(text, "latin1")) };
}
