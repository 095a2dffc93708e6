// Somebody who is told: a real HTTP server on loopback that remembers what came and answers as the test says.
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Letter {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read bodies freely
  readonly body: any;
}

export class Receiver {
  readonly letters: Letter[] = [];
  /** Says nothing more than this by default. */
  answer: (response: ServerResponse, letter: Letter) => void = (response) => response.writeHead(204).end();
  #server: Server | null = null;
  port = 0;

  /** Closed when the test has finished. @param port the same again after `close` */
  static async open(port = 0): Promise<Receiver> {
    const receiver = new Receiver();
    await receiver.listen(port);
    onTestFinished(() => receiver.close());
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async listen(port = this.port): Promise<void> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const letter = {
        path: request.url ?? "",
        headers: request.headers,
        text,
        body: text === "" ? null : JSON.parse(text),
      };
      this.letters.push(letter);
      this.answer(response, letter);
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }
}
