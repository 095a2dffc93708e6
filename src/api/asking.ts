// What a client asks, as a request or as an upgrade: straight from Node, which has read all of it but the body already.
import type { IncomingMessage } from "node:http";
import { RuntimeError } from "../errors/runtime-error.ts";

/** One of these is made for every request. */
export class Asking {
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  get method(): string {
    return this.#incoming.method ?? "GET";
  }

  /** Without the query. */
  get path(): string {
    const url = this.#incoming.url ?? "/";
    const query = url.indexOf("?");
    return query === -1 ? url : url.slice(0, query);
  }

  get isUpgrade(): boolean {
    return this.#incoming.headers.upgrade !== undefined;
  }

  /** Given more than once it is a list with commas. @param name in lower case */
  header(name: string): string | null {
    const value = this.#incoming.headers[name];
    return value === undefined ? null : String(value);
  }

  /** The address of ours that the client reached. */
  get localAddress(): string | undefined {
    return this.#incoming.socket.localAddress;
  }

  /** The client's own. */
  get remoteAddress(): string | undefined {
    return this.#incoming.socket.remoteAddress;
  }

  /**
   * Its body. To be called before anything is waited for, so that nothing of it is missed.
   * @param limit in bytes
   * @throws BODY_TOO_LARGE, also without Content-Length, and MALFORMED_JSON where the client hangs up before its end
   */
  body(limit: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const tooLarge = (): void => reject(new RuntimeError("BODY_TOO_LARGE", { limit_bytes: limit }));
      if (Number(this.header("content-length")) > limit) return tooLarge();
      const chunks: Buffer[] = [];
      let bytes = 0;
      this.#incoming.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limit) return tooLarge();
        chunks.push(chunk);
      });
      this.#incoming.on("end", () =>
        resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
      );
      this.#incoming.on("close", () => {
        if (!this.#incoming.readableEnded)
          reject(new RuntimeError("MALFORMED_JSON", { problem: "the client hung up before its end" }));
      });
    });
  }
}
