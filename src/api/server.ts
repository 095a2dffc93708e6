// Listens: a Node HTTP server around the API. Knows ports and sockets, no routes.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RuntimeError } from "../errors/runtime-error.ts";
import { deferred } from "../lib/deferred.ts";
import type { Api } from "./app.ts";
import { problemResponse } from "./problem.ts";
import { isWebSocket } from "./streams/sockets.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Open connections, WebSockets included. Default 1000. */
  readonly maxConnections?: number;
  /** How long open requests may take to end at close. Default 2000. */
  readonly closeGraceMs?: number;
  /** How long a connection may take to say what it wants. Default 10 000. */
  readonly silenceMs?: number;
}

export interface Listening {
  readonly url: string;
  readonly port: number;
  /** No new connections; streams end with 1001; requests under way get their grace. Twice without harm. */
  close(): Promise<void>;
}

const headerBytes = 16 * 1024;

/** @throws PORT_IN_USE */
export async function listen(api: Api, options: ListenOptions): Promise<Listening> {
  const { host, port, maxConnections = 1000, closeGraceMs = 2000, silenceMs = 10_000 } = options;
  const { clock, log } = api.parts;
  // Whoever would rather speak HTTP/2 (`Upgrade: h2c`) is served as it is; Node 20 cannot, and refuses.
  const serverOptions = {
    maxHeaderSize: headerBytes,
    // A header that comes twice is no good twice, rather than good once and something else for the one behind it.
    joinDuplicateHeaders: true,
    shouldUpgradeCallback: isWebSocket,
    // Connections are counted: those that never say anything must not keep the others out.
    headersTimeout: silenceMs,
    connectionsCheckingInterval: silenceMs / 4,
  };
  const server = createServer(
    serverOptions,
    getRequestListener((request, node) => api.fetch(request, node as HttpBindings), {
      // What never became a request (a broken address, a Host that is none), and what nothing else caught.
      errorHandler: (error) => problemResponse(known(error), "", log),
    }),
  );
  server.maxConnections = maxConnections;
  server.on("upgrade", (incoming, socket, head) => void api.sockets.upgrade(incoming, socket, head));
  await startListening(server, host, port);
  const address = server.address() as AddressInfo;
  let closing: Promise<void> | null = null;
  return {
    url: `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    close: () => {
      closing ??= stop();
      return closing;
    },
  };

  async function stop(): Promise<void> {
    const closed = deferred();
    server.close(() => closed.resolve());
    api.closeStreams();
    server.closeIdleConnections();
    const grace = clock.after(closeGraceMs, () => {
      api.sockets.close();
      server.closeAllConnections();
    });
    await closed.promise;
    grace.cancel();
    api.sockets.close();
  }
}

function known(error: unknown): unknown {
  return error instanceof Error && error.name === "RequestError"
    ? new RuntimeError("INVALID_REQUEST", { errors: [{ path: "", message: error.message }] })
    : error;
}

async function startListening(server: Server, host: string, port: number): Promise<void> {
  const listening = deferred();
  server.once("error", (error: NodeJS.ErrnoException) =>
    listening.reject(error.code === "EADDRINUSE" ? new RuntimeError("PORT_IN_USE", { host, port }) : error),
  );
  server.listen(port, host, () => listening.resolve());
  await listening.promise;
}
