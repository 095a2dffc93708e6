// One upload: what is packed and where its parts go are kept in the task's folder, so that a later attempt sends the rest of
// the very same archive. The links are kept there, readable by the owner only, and not in the task: they are keys.
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { writeDurably } from "../../lib/durable-file.ts";
import type { Abortable, CloudUpload, UploadRequest } from "../../task/cloud.ts";
import { CloudApi, configured, refuse } from "./api.ts";
import { type Answer, send } from "./http.ts";
import { pack, packedBytes } from "./pack.ts";
import type { CloudParts } from "./parts.ts";
import { persistently, ServerFault } from "./patience.ts";
import { type PhotoFile, photosOf } from "./photos.ts";
import { remoteNameOf } from "./remote-name.ts";
import { ensureRoom } from "./room.ts";
import { type Counting, Transfer, type Work } from "./transfer.ts";

const stateSchema = z.object({
  remote_name: z.string(),
  photos: z.int(),
  bytes: z.int(),
  split_size_bytes: z.int().min(1),
  /** Null before the cloud has said. */
  links: z.array(z.string()).nullable(),
});

type State = z.output<typeof stateSchema>;

export class Upload implements CloudUpload {
  readonly #parts: CloudParts;
  readonly #request: UploadRequest;
  readonly #api: CloudApi;
  readonly #folder: string;
  readonly #photos: readonly PhotoFile[];
  /** As it is durable. */
  #state: State;

  private constructor(
    parts: CloudParts,
    request: UploadRequest,
    has: { api: CloudApi; folder: string; photos: readonly PhotoFile[]; state: State },
  ) {
    this.#parts = parts;
    this.#request = request;
    this.#api = has.api;
    this.#folder = has.folder;
    this.#photos = has.photos;
    this.#state = has.state;
  }

  /** @throws CLOUD_NOT_CONFIGURED, FILE_NOT_FOUND, NO_PHOTOS */
  static async open(parts: CloudParts, request: UploadRequest): Promise<Upload> {
    const { settings, clock, places, dataDirectory } = parts;
    const { taskId, project, scanIndices, token, continues } = request;
    const api = new CloudApi(configured(settings, token), clock);
    const folder = await places.make(taskId);
    const left = continues === undefined ? null : await stateIn(folder, continues);
    const photos = left ? [] : await photosOf(dataDirectory, project, scanIndices);
    const state = left ?? {
      remote_name: remoteNameOf(project, clock.now()),
      photos: photos.length,
      bytes: 0,
      split_size_bytes: settings.split_size_bytes,
      links: null,
    };
    return new Upload(parts, request, { api, photos, state, folder });
  }

  get remoteName(): string {
    return this.#state.remote_name;
  }

  get photos(): number {
    return this.#state.photos;
  }

  get bytes(): number {
    return this.#state.bytes;
  }

  get partBytes(): number {
    return this.#state.split_size_bytes;
  }

  get parts(): number {
    return this.#state.links?.length ?? 0;
  }

  async pack(): Promise<Transfer> {
    const { freeBytes } = this.#parts;
    if (this.bytes > 0) return this.#begin(this.bytes, async () => undefined);
    const total = packedBytes(this.#photos);
    await ensureRoom(this.#folder, total, freeBytes);
    return this.#begin(total, async (signal, count) => {
      const bytes = await pack(this.#photos, archiveIn(this.#folder), {
        signal,
        onBytes: (more) => {
          count.bytes += more;
        },
      });
      await this.#keep({ bytes });
    });
  }

  async create({ signal }: Abortable = {}): Promise<void> {
    const { links, bytes, photos, split_size_bytes, remote_name } = this.#state;
    if (links !== null) return;
    const parts = Math.ceil(bytes / split_size_bytes);
    await this.#keep({ links: await this.#api.createProject(remote_name, { photos, bytes, parts }, signal) });
  }

  async send(part: number): Promise<Transfer> {
    const { links, bytes, split_size_bytes } = this.#state;
    const link = links?.[part];
    if (link === undefined) throw new RangeError(`The upload has no part ${part}.`);
    const start = part * split_size_bytes;
    const end = Math.min(bytes, start + split_size_bytes) - 1;
    const [host, action] = [hostOf(link), `part ${part + 1}`];
    const { clock } = this.#parts;
    const { settings } = this.#api;
    return this.#begin(end - start + 1, (signal, count) =>
      persistently({ clock, settings, signal, host, action }, async () => {
        const answer = await this.#post(link, { start, end }, signal, count);
        refuse(answer, host, action);
        answer.close();
        if (count.bytes <= end - start) throw new ServerFault("it answered before it had the whole part");
      }),
    );
  }

  async start({ signal }: Abortable = {}): Promise<void> {
    const { projects, places, clock } = this.#parts;
    await this.#api.startProject(this.remoteName, signal);
    const at = new Date(clock.now()).toISOString();
    await projects.noteCloud(this.#request.project, {
      uploaded_at: at,
      remote_name: this.remoteName,
      downloaded_at: null,
    });
    await places.discard(this.#request.taskId);
  }

  #begin(bytes: number, work: Work): Transfer {
    const { places, clock } = this.#parts;
    return places.watch(this.#request.taskId, new Transfer(clock, bytes, work));
  }

  /** @param range of the archive, both ends included */
  #post(
    link: string,
    range: { start: number; end: number },
    signal: AbortSignal,
    count: Counting,
  ): Promise<Answer> {
    const { timeout_seconds, allow_private } = this.#api.settings;
    count.bytes = 0;
    return send({
      method: "POST",
      url: link,
      headers: { "Content-Type": "application/octet-stream" },
      body: {
        bytes: range.end - range.start + 1,
        open: () => createReadStream(archiveIn(this.#folder), range),
        onBytes: (more) => {
          count.bytes += more;
        },
      },
      idleMs: timeout_seconds * 1000,
      allowPrivate: allow_private,
      signal,
    });
  }

  async #keep(change: Partial<State>): Promise<void> {
    const state = { ...this.#state, ...change };
    await writeDurably(stateFile(this.#folder), `${JSON.stringify(state)}\n`, 0o600);
    this.#state = state;
  }
}

const archiveIn = (folder: string): string => path.join(folder, "photos.zip");
const stateFile = (folder: string): string => path.join(folder, "upload.json");

/** What an earlier attempt has left, if it is whole and of the name the task knows it by. */
async function stateIn(folder: string, remoteName: string): Promise<State | null> {
  const text = await readFile(stateFile(folder), "utf8").catch(() => "null");
  const state = stateSchema.nullable().parse(JSON.parse(text));
  const archive = await stat(archiveIn(folder)).catch(() => null);
  return state?.remote_name === remoteName && archive?.size === state.bytes ? state : null;
}

/** As it may be shown: the rest of a link is a key. */
export const hostOf = (link: string): string =>
  URL.canParse(link) ? new URL(link).host : "a link that is none";
