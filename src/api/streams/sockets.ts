// WebSocket connections: the upgrade with its checks, and what flows behind it. What clients say is read and dropped.
import type { IncomingMessage } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import { RuntimeError } from "../../errors/runtime-error.ts";
import { Asking } from "../asking.ts";
import type { ApiParts } from "../parts.ts";
import { refusalOf } from "../problem.ts";
import { sinceQuery } from "../query.ts";
import { validQuery } from "../route.ts";
import { refuse, tokenProtocol } from "../security.ts";
import type { Client } from "./client.ts";
import { deviceFeed, eventFeed, type Feed, taskFeed } from "./feed.ts";
import type { Sink } from "./frame.ts";
import type { Hub } from "./hub.ts";

/** Clients have nothing to say here but pings. */
const maxPayload = 64 * 1024;
const ping = '{"type":"ping"}';

export class Sockets {
  readonly #parts: ApiParts;
  readonly #hub: Hub;
  readonly #feeds: Readonly<Record<string, Feed>>;
  #server: WebSocketServer | null = null;

  constructor(parts: ApiParts, hub: Hub) {
    this.#parts = parts;
    this.#hub = hub;
    this.#feeds = { "/ws": eventFeed(parts), "/ws/tasks": taskFeed(parts), "/ws/device": deviceFeed(parts) };
  }

  /** For the `upgrade` event of a Node server. */
  async upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const [path = "/", query = ""] = (incoming.url ?? "/").split("?", 2);
    try {
      const feed = this.#feedFor(incoming, path);
      const { since } = validQuery(query, sinceQuery);
      this.#hub.admit();
      const server = await this.#listen();
      if (socket.destroyed) return;
      server.handleUpgrade(incoming, socket, head, (ws) => this.#open(ws, feed, since ?? null));
    } catch (error) {
      this.#turnAway(socket, error, path);
    }
  }

  /** Ends what has not said goodbye by itself. */
  close(): void {
    for (const ws of this.#server?.clients ?? []) ws.terminate();
    this.#server?.close();
  }

  #feedFor(incoming: IncomingMessage, path: string): Feed {
    const found = incoming.headers.upgrade ?? "nothing";
    if (!isWebSocket(incoming))
      throw new RuntimeError("INVALID_REQUEST", {
        errors: [{ path: "Upgrade", message: `expected websocket, found ${found}: leave it out`, found }],
      });
    const refused = refuse(new Asking(incoming), this.#parts.security);
    if (refused) throw refused;
    const feed = this.#feeds[path.replace(/(?<=.)\/$/, "")];
    if (!feed) throw new RuntimeError("UNKNOWN_ROUTE", { method: "WS", path, hint: "" });
    return feed;
  }

  /** Loaded with the first connection. */
  async #listen(): Promise<WebSocketServer> {
    const { WebSocketServer } = await import("ws");
    this.#server ??= new WebSocketServer({ noServer: true, maxPayload, handleProtocols: chooseProtocol });
    return this.#server;
  }

  #open(ws: WebSocket, feed: Feed, since: number | null): void {
    let client: Client | null = null;
    const drained = (): void => client?.drain();
    const sink: Sink = {
      send: (frame) => ws.send(frame.text, drained),
      ping: () => ws.send(ping),
      get waitingBytes() {
        return ws.bufferedAmount;
      },
      end: (code, reason) => ws.close(code, reason),
    };
    ws.on("error", (error) => this.#parts.log.debug({ err: error }, "a WebSocket failed"));
    ws.on("close", () => client?.gone());
    client = this.#hub.attach(feed, sink, since);
  }

  #turnAway(socket: Duplex, error: unknown, path: string): void {
    if (socket.destroyed) return;
    const { problem, headers } = refusalOf(error, path, this.#parts.log);
    const body = JSON.stringify(problem);
    const lines = Object.entries({
      ...headers,
      Connection: "close",
      "Content-Length": String(Buffer.byteLength(body)),
    }).map(([name, value]) => `${name}: ${value}`);
    socket.end(
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join("\r\n")}\r\n\r\n${body}`,
    );
  }
}

export const isWebSocket = (incoming: IncomingMessage): boolean =>
  incoming.headers.upgrade?.toLowerCase() === "websocket";

/** A browser hangs up unless one of the protocols it offered comes back; rather not the one with the token. */
function chooseProtocol(offered: Set<string>): string | false {
  const [first] = offered;
  return [...offered].find((name) => !name.startsWith(tokenProtocol)) ?? first ?? false;
}
