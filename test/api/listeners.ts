// Clients of the streams: a WebSocket that reads, one that does not, and a reader of server-sent events.
import { get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";
import { deferred } from "../../src/lib/deferred.ts";
import { until } from "./world.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests read messages freely
type Message = any;

export class Listener {
  readonly messages: Message[] = [];
  readonly ws: WebSocket;
  readonly closed = deferred<{ code: number; reason: string }>();

  constructor(base: string, where: string) {
    this.ws = new WebSocket(base.replace("http", "ws") + where);
    this.ws.on("message", (data) => this.messages.push(JSON.parse(String(data))));
    this.ws.on("close", (code, reason) => this.closed.resolve({ code, reason: String(reason) }));
  }

  static async open(base: string, where: string): Promise<Listener> {
    const listener = new Listener(base, where);
    const opened = deferred();
    listener.ws.on("open", () => opened.resolve());
    listener.ws.on("error", (error) => opened.reject(error));
    await opened.promise;
    return listener;
  }

  /** The first message of a type, once it is there. */
  async heard(type: string, fits: (message: Message) => boolean = () => true): Promise<Message> {
    const found = (): Message => this.messages.find((message) => message.type === type && fits(message));
    await until(() => found() !== undefined);
    return found();
  }

  get types(): string[] {
    return this.messages.map(({ type }) => type);
  }

  close(): Promise<unknown> {
    this.ws.close();
    return this.closed.promise;
  }
}

/** A WebSocket that has said hello and then never reads a byte. */
export async function deafSocket(port: number, where: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  const upgraded = deferred();
  socket.once("data", () => {
    socket.pause();
    upgraded.resolve();
  });
  socket.on("error", () => socket.destroy());
  socket.write(
    `GET ${where} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await upgraded.promise;
  return socket;
}

export interface ServerSentEvent {
  readonly event: string;
  readonly id: string;
  readonly data: Message;
}

export class SseReader {
  readonly events: ServerSentEvent[] = [];
  readonly comments: string[] = [];
  readonly response: IncomingMessage;
  readonly ended = deferred();
  #rest = "";

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding("utf8");
    response.on("data", (text: string) => this.#read(text));
    response.on("error", () => this.ended.resolve());
    response.on("close", () => this.ended.resolve());
  }

  static open(base: string, where: string, headers: Record<string, string> = {}): Promise<SseReader> {
    return new Promise((resolve, reject) => {
      get(base + where, { headers: { accept: "text/event-stream", ...headers } }, (response) =>
        resolve(new SseReader(response)),
      ).on("error", reject);
    });
  }

  close(): void {
    this.response.destroy();
  }

  #read(text: string): void {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    for (const block of blocks) {
      if (block.startsWith(":")) {
        this.comments.push(block.slice(1).trim());
        continue;
      }
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
      this.events.push({
        event: fields.event ?? "message",
        id: fields.id ?? "",
        data: JSON.parse(fields.data),
      });
    }
  }
}
