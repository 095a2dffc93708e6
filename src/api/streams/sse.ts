// A stream of server-sent events over plain HTTP.
import type { Clock } from "../../lib/clock.ts";
import type { Asking } from "../asking.ts";
import type { Bindings } from "../route.ts";
import type { Client } from "./client.ts";
import type { Feed } from "./feed.ts";
import type { Frame, Sink } from "./frame.ts";
import type { Hub } from "./hub.ts";

const encoder = new TextEncoder();
const room = 64 * 1024;
/** How long one who is shown out may take to read the goodbye. */
const leaveMs = 5000;

const headers = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-cache, no-transform",
  "X-Accel-Buffering": "no",
};

/** Server-sent events where the client asks for them by name; `otherwise` where it takes anything. */
export function wantsStream(asking: Asking, otherwise: boolean): boolean {
  const accept = asking.header("accept") ?? "*/*";
  if (accept.includes("text/event-stream")) return true;
  return otherwise && !accept.includes("application/json");
}

/** The last number the client has seen, from `Last-Event-ID` (a reconnecting browser) or `?since=`. */
export function lastSeen(asking: Asking, since: number | undefined): number | null {
  const last = asking.header("last-event-id");
  return last !== null && /^\d{1,16}$/.test(last) ? Number(last) : (since ?? null);
}

export function streamEvents(
  { asking, outgoing }: Bindings,
  hub: Hub,
  clock: Clock,
  feed: Feed,
  since: number | null,
): Response {
  hub.admit();
  if (asking.method === "HEAD") return new Response(null, { headers });
  let client: Client;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const sink = sinkOf(controller, () => clock.after(leaveMs, () => outgoing.destroy()));
        client = hub.attach(feed, sink, since);
      },
      pull: () => client.drain(),
      cancel: () => client.gone(),
    },
    { highWaterMark: room, size: (chunk) => chunk.byteLength },
  );
  return new Response(body, { headers });
}

function sinkOf(controller: ReadableStreamDefaultController<Uint8Array>, onEnd: () => void): Sink {
  const write = (text: string): void => controller.enqueue(encoder.encode(text));
  return {
    send: (frame) => write(eventOf(frame)),
    ping: () => write(": ping\n\n"),
    get waitingBytes() {
      return room - (controller.desiredSize ?? 0);
    },
    end(code, reason) {
      write(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`);
      controller.close();
      onEnd();
    },
  };
}

const eventOf = ({ seq, text, name }: Frame): string =>
  `${name ? `event: ${name}\n` : ""}id: ${seq}\ndata: ${text}\n\n`;
