// A cloud of a test's own: a real HTTP server that speaks as the reference's does, keeps what it gets, and fails where it
// is told to. docs/cloud.md says what it speaks.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { CloudSettingsInput } from "../../../src/settings/cloud.ts";

/** What happens to one request in place of its answer. */
export type Fault =
  | { readonly status: number }
  /** The connection is cut when so many bytes of the body have come. */
  | { readonly cutAfter: number }
  /** Nothing is read any more, and nothing is answered. */
  | { readonly stallAfter: number };

export interface CloudProject {
  readonly photos: number;
  readonly filesize: number;
  /** By part; null for one that has not come. */
  readonly parts: (Buffer | null)[];
  isStarted: boolean;
}

export const user = "openscan";
export const password = "a password nobody shall see";
export const token = "a token nobody shall see";

export class StandIn {
  /** Every request as `createProject` or `part 1`, in their order. */
  readonly asked: string[] = [];
  readonly projects = new Map<string, CloudProject>();
  /** @param time 1 for the first request of this kind */
  fault: (request: string, time: number) => Fault | null = () => null;
  /** What getProjectInfo says; null while there is no model. */
  link: (time: number) => string | null = () => null;
  /** Answers what is neither the interface nor a part, as a download. */
  serve: (response: ServerResponse, path: string) => void = (response) => response.writeHead(404).end();
  /** What the connection of a stalled or slow request became. */
  readonly closed: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => "cut on purpose");
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** Closed when the test has finished, unless it is to be `kept`. */
  static async open({ kept = false } = {}): Promise<StandIn> {
    const cloud = new StandIn();
    cloud.#server.listen(0, "127.0.0.1");
    await once(cloud.#server, "listening");
    if (!kept) onTestFinished(() => cloud.close());
    return cloud;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As an owner would write them for it. */
  settings(more: CloudSettingsInput = {}): CloudSettingsInput {
    return { host: this.url, user, password, token, allow_private: true, first_retry_seconds: 0.01, ...more };
  }

  /** Resolves as soon as it holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  times(request: string): number {
    return this.asked.filter((one) => one === request).length;
  }

  /** What came of the one project that was made last. */
  get latest(): { name: string; archive: Buffer } & CloudProject {
    const [name, project] = [...this.projects].at(-1) as [string, CloudProject];
    return { name, ...project, archive: Buffer.concat(project.parts.map((part) => part ?? Buffer.alloc(0))) };
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", this.url);
    const part = /^\/upload\/([^/]+)\/(\d+)$/.exec(url.pathname);
    const name = part ? `part ${part[2]}` : url.pathname.slice(1);
    this.#tell(() => this.asked.push(name));
    response.on("close", () => this.#tell(() => this.closed.push(name)));
    const fault = this.fault(name, this.times(name));
    if (fault && "status" in fault) {
      request.resume();
      return void response.writeHead(fault.status).end(`${token} ${password}`);
    }
    const body = await this.#read(request, fault);
    if (body === null) return;
    if (part) return this.#take(response, decodeURIComponent(part[1] ?? ""), Number(part[2]), body);
    if (!["createProject", "startProject", "getProjectInfo", "getTokenInfo"].includes(name))
      return this.serve(response, url.pathname);
    const expected = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    if (request.headers.authorization !== expected || url.searchParams.get("token") !== token)
      return void response.writeHead(401).end(`not ${url.searchParams.get("token")}`);
    this.#speak(response, name, url.searchParams);
  }

  #speak(response: ServerResponse, action: string, query: URLSearchParams): void {
    const json = (value: unknown): void => {
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(value));
    };
    const name = query.get("project") ?? "";
    if (action === "getTokenInfo") return json({ credit: 1_000_000, limit_photos: 500 });
    if (action === "getProjectInfo")
      return json({ status: "processing", dlink: this.link(this.times(action)) });
    if (action === "startProject") {
      const project = this.projects.get(name);
      if (!project || project.parts.includes(null)) return void response.writeHead(400).end();
      this.#tell(() => Object.assign(project, { isStarted: true }));
      return json({ status: "started" });
    }
    const [photos, filesize, parts] = ["photos", "filesize", "parts"].map((key) =>
      Number(query.get(key)),
    ) as [number, number, number];
    this.projects.set(name, {
      photos,
      filesize,
      parts: Array.from({ length: parts }, () => null),
      isStarted: false,
    });
    json({
      ulink: Array.from(
        { length: parts },
        (_, at) => `${this.url}/upload/${encodeURIComponent(name)}/${at + 1}`,
      ),
    });
  }

  #take(response: ServerResponse, name: string, part: number, body: Buffer): void {
    const project = this.projects.get(name);
    if (!project) return void response.writeHead(404).end();
    this.#tell(() => {
      project.parts[part - 1] = body;
    });
    response.writeHead(200).end();
  }

  /** The body, or null where the fault has ended the request. */
  async #read(request: IncomingMessage, fault: Fault | null): Promise<Buffer | null> {
    const chunks: Buffer[] = [];
    let length = 0;
    const most =
      fault && "cutAfter" in fault
        ? fault.cutAfter
        : fault && "stallAfter" in fault
          ? fault.stallAfter
          : null;
    const reading = request[Symbol.asyncIterator]();
    try {
      for (;;) {
        if (most !== null && length >= most) break;
        const { done, value } = await reading.next();
        if (done) return Buffer.concat(chunks);
        chunks.push(value as Buffer);
        length += (value as Buffer).length;
      }
    } catch {
      return null; // the other side has gone
    }
    request.pause();
    if (fault && "cutAfter" in fault) request.socket.destroy();
    return null;
  }

  #tell(change: () => unknown): void {
    change();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
