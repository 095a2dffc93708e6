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

interface Said {
  readonly status: number;
  readonly [field: string]: unknown;
}

const actions = ["createProject", "startProject", "getProjectInfo", "getTokenInfo"];

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
    const [, project = "", part] = /^\/upload\/([^/]+)\/(\d+)$/.exec(url.pathname) ?? [];
    const name = part === undefined ? url.pathname.slice(1) : `part ${part}`;
    this.#tell(() => this.asked.push(name));
    response.on("close", () => this.#tell(() => this.closed.push(name)));
    const fault = this.fault(name, this.times(name));
    if (fault && "status" in fault) {
      request.resume();
      response.writeHead(fault.status).end(`${token} ${password}`);
      return;
    }
    const body = await this.#read(request, fault);
    if (body === null) return;
    if (part === undefined && !actions.includes(name)) {
      this.serve(response, url.pathname);
      return;
    }
    const { status, ...said } =
      part === undefined
        ? this.#speak(name, url.searchParams, request.headers.authorization)
        : this.#take(decodeURIComponent(project), Number(part), body);
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(said));
  }

  #speak(action: string, query: URLSearchParams, authorization: string | undefined): Said {
    const expected = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    if (authorization !== expected || query.get("token") !== token)
      return { status: 401, problem: `not ${query.get("token")}` };
    const name = query.get("project") ?? "";
    if (action === "getTokenInfo") return { status: 200, credit: 1_000_000, limit_photos: 500 };
    if (action === "getProjectInfo") return { status: 200, dlink: this.link(this.times(action)) };
    if (action === "startProject") return this.#start(name);
    const [photos = 0, filesize = 0, parts = 0] = ["photos", "filesize", "parts"].map((key) =>
      Number(query.get(key)),
    );
    const none = Array.from({ length: parts }, () => null);
    this.projects.set(name, { photos, filesize, parts: none, isStarted: false });
    const place = `${this.url}/upload/${encodeURIComponent(name)}`;
    return { status: 200, ulink: none.map((_, at) => `${place}/${at + 1}`) };
  }

  #start(name: string): Said {
    const project = this.projects.get(name);
    if (!project || project.parts.includes(null)) return { status: 400 };
    this.#tell(() => Object.assign(project, { isStarted: true }));
    return { status: 200 };
  }

  #take(name: string, part: number, body: Buffer): Said {
    const project = this.projects.get(name);
    if (!project) return { status: 404 };
    this.#tell(() => {
      project.parts[part - 1] = body;
    });
    return { status: 200 };
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
