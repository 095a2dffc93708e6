// A controller behind a network socket: a WiFi board, or ser2net in front of a serial port.
import { once } from "node:events";
import net from "node:net";
import { failed } from "../controller-error.ts";
import { type Line, LineCutter, type LineListener } from "./line.ts";

/** @param port as in `tcp://192.168.0.20:23` @throws DEVICE_FAILED where nobody takes the connection */
export async function openTcp(port: string, listener: LineListener): Promise<Line> {
  const { hostname, port: number } = new URL(port.replace(/^tcp:/, "http:"));
  const socket = net.connect({ host: hostname, port: Number(number) || 80, noDelay: true });
  // A cable that was pulled is noticed, also where nobody speaks.
  socket.setKeepAlive(true, 5000);
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    socket.destroy();
    throw failed(
      `no connection to ${port}: ${(error as Error).message}`,
      "Check that the controller is on, and its address in the profile; then POST /devices/{device}/reconnect.",
    );
  }
  let isOpen = true;
  let problem = "the controller closed it";
  const cutter = new LineCutter((text) => isOpen && listener.heard(text));
  socket.on("data", (bytes) => cutter.push(bytes));
  socket.on("error", (error) => {
    problem = error.message;
  });
  socket.once("close", () => {
    if (isOpen) listener.lost(problem);
    isOpen = false;
  });
  return {
    write(text) {
      if (!socket.destroyed) socket.write(text, "latin1");
    },
    async close() {
      isOpen = false;
      if (socket.destroyed) return;
      const closed = once(socket, "close");
      // What was written last, as a stop, still leaves.
      socket.destroySoon();
      await closed;
    },
  };
}
