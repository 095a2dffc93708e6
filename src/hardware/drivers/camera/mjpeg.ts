// A camera that sends photos over HTTP: an MJPEG stream, of which one frame is taken, or one photo for each request.
import type { DriverContext, OpenDevice } from "../../device.ts";
import { RealCamera, type Shot } from "./camera.ts";
import { BadStream, PartReader } from "./multipart.ts";
import type { MjpegCameraOptions } from "./options.ts";
import { type Exposure, exposureValues, fill } from "./placeholders.ts";

export class MjpegCamera extends RealCamera {
  readonly #options: MjpegCameraOptions;

  constructor(options: MjpegCameraOptions, context: DriverContext) {
    super(options, context);
    this.#options = options;
  }

  protected async take(exposure: Exposure, signal: AbortSignal): Promise<Shot> {
    const url = fill(this.#options.url, exposureValues(exposure));
    // The connection is of no use any more once the photo is there.
    const done = new AbortController();
    try {
      const answer = await fetch(url, {
        headers: this.#options.headers,
        signal: AbortSignal.any([signal, done.signal]),
      });
      if (!answer.ok) this.fail(`${hostOf(url)} answered ${answer.status} ${answer.statusText}`.trim());
      const type = answer.headers.get("content-type") ?? "";
      const body = answer.body as AsyncIterable<Uint8Array> | null;
      if (!body) this.fail(`${hostOf(url)} answered with nothing`);
      const bytes = /^multipart\//i.test(type)
        ? await this.#frame(body, boundaryIn(type))
        : await this.#whole(body);
      return { bytes };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof BadStream) this.fail(`${hostOf(url)}: ${error.message}`);
      if (!(error instanceof TypeError)) throw error;
      throw this.trouble(
        `${hostOf(url)} cannot be read: ${reasonOf(error)}`,
        "Check the camera's power and network, and the url in the device profile.",
        error,
      );
    } finally {
      done.abort();
    }
  }

  /** The first frame of a stream, behind those that are skipped. */
  async #frame(body: AsyncIterable<Uint8Array>, boundary: string | null): Promise<Uint8Array> {
    const { most_bytes, skip_frames } = this.#options;
    let frames = 0;
    let found: Uint8Array | null = null;
    const reader = new PartReader(boundary, most_bytes, (content) => {
      // Some begin with an empty part.
      if (content.length > 0 && frames++ >= skip_frames) found ??= content;
    });
    for await (const chunk of body) {
      reader.push(chunk);
      if (found) return found;
    }
    return this.fail(`the stream ended before a whole photo (${frames} had come)`);
  }

  async #whole(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > this.#options.most_bytes)
        throw new BadStream(`the photo has more than ${this.#options.most_bytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

function boundaryIn(contentType: string): string | null {
  const [, quoted, plain] = /boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  return quoted ?? plain ?? null;
}

/** Without what may be a secret in it. */
const hostOf = (url: string): string => new URL(url).host;

/** What fetch throws says only that it failed; why is in its cause. */
function reasonOf(error: TypeError): string {
  const { cause } = error;
  return cause instanceof Error
    ? cause.message || String(Reflect.get(cause, "code") ?? cause.name)
    : error.message;
}

export const open = async (options: MjpegCameraOptions, context: DriverContext): Promise<OpenDevice> =>
  new MjpegCamera(options, context);
