// What security looks at, whether it came as a request or as an upgrade, from Node or from anywhere.
import type { IncomingMessage } from "node:http";

export interface Asking {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly isUpgrade: boolean;
  /** @param name in lower case */
  header(name: string): string | null;
  /** The address of ours that the client reached, where there is a socket. */
  readonly localAddress: string | undefined;
  /** The client's own, where there is a socket. */
  readonly remoteAddress: string | undefined;
}

/** Straight from the socket: one of these is made for every request. */
export class NodeAsking implements Asking {
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  get method(): string {
    return this.#incoming.method ?? "GET";
  }

  get path(): string {
    const url = this.#incoming.url ?? "/";
    const query = url.indexOf("?");
    return query === -1 ? url : url.slice(0, query);
  }

  get isUpgrade(): boolean {
    return this.#incoming.headers.upgrade !== undefined;
  }

  header(name: string): string | null {
    const value = this.#incoming.headers[name];
    return value === undefined ? null : String(value);
  }

  get localAddress(): string | undefined {
    return this.#incoming.socket.localAddress;
  }

  get remoteAddress(): string | undefined {
    return this.#incoming.socket.remoteAddress;
  }
}

/** A request without a socket, as embedding programs and tests make them. */
export class RequestAsking implements Asking {
  readonly isUpgrade = false;
  readonly localAddress = undefined;
  readonly remoteAddress = undefined;
  readonly method: string;
  readonly path: string;
  readonly #request: Request;
  readonly #host: string;

  constructor(request: Request) {
    const { host, pathname } = new URL(request.url);
    this.#request = request;
    this.#host = host;
    this.method = request.method;
    this.path = pathname;
  }

  header(name: string): string | null {
    return this.#request.headers.get(name) ?? (name === "host" ? this.#host : null);
  }
}
