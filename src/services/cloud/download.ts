// One download: the link, the archive beside the data, the model in its place.
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Abortable, CloudDownload, DownloadRequest } from "../../task/cloud.ts";
import { projectFolder } from "../project-name.ts";
import { CloudApi, configured, refuse } from "./api.ts";
import { type Answer, counted, send } from "./http.ts";
import { besideModel, mendModel, modelOf, replaceModel } from "./model-folder.ts";
import type { CloudParts } from "./parts.ts";
import { persistently } from "./patience.ts";
import { ensureRoom, tooFull } from "./room.ts";
import { type Counting, Transfer, type Work } from "./transfer.ts";
import { type Unpacked, unpack } from "./unpack.ts";
import { hostOf } from "./upload.ts";

const mostRedirects = 5;

export class Download implements CloudDownload {
  readonly remoteName: string;
  readonly #parts: CloudParts;
  readonly #request: DownloadRequest;
  readonly #api: CloudApi;
  readonly #folder: string;
  #link: string | null = null;
  #model: Unpacked | null = null;

  private constructor(
    parts: CloudParts,
    request: DownloadRequest,
    has: { api: CloudApi; folder: string; remoteName: string },
  ) {
    this.#parts = parts;
    this.#request = request;
    this.#api = has.api;
    this.#folder = has.folder;
    this.remoteName = has.remoteName;
  }

  /** @throws CLOUD_NOT_CONFIGURED, FILE_NOT_FOUND, NOT_UPLOADED */
  static async open(parts: CloudParts, request: DownloadRequest): Promise<Download> {
    const { settings, clock, places, projects } = parts;
    const { taskId, project, token } = request;
    const api = new CloudApi(configured(settings, token), clock);
    const cloud = await projects.cloudOf(project);
    const remoteName = request.remoteName ?? cloud?.remote_name ?? null;
    if (remoteName === null) throw new RuntimeError("NOT_UPLOADED", { project });
    return new Download(parts, request, { api, remoteName, folder: await places.make(taskId) });
  }

  get intervalSeconds(): number {
    return this.#parts.settings.link_interval_seconds;
  }

  async find(asked: number, { signal }: Abortable = {}): Promise<boolean> {
    const { remoteName: remote_name } = this;
    const link = await this.#api.modelLink(remote_name, signal);
    this.#link = link === null ? null : directLink(link);
    if (this.#link !== null) return true;
    if (asked < this.#api.settings.link_tries) return false;
    throw new RuntimeError("CLOUD_NOT_READY", { remote_name, tries: asked });
  }

  async fetch(): Promise<Transfer> {
    const link = this.#link;
    if (link === null) throw new RangeError("The download has no link yet.");
    const { clock } = this.#parts;
    const { settings } = this.#api;
    return this.#begin((signal, count) =>
      persistently({ clock, settings, signal, host: hostOf(link), action: "the model" }, () =>
        this.#get(link, signal, count),
      ),
    );
  }

  async unpack(): Promise<Transfer> {
    const { clock, projects, freeBytes, dataDirectory } = this.#parts;
    const { project } = this.#request;
    const folder = path.join(dataDirectory, "projects", projectFolder(project));
    return this.#begin(async (signal, count) => {
      await mendModel(folder);
      await mkdir(besideModel(folder));
      try {
        const model = await unpack(this.#archive, besideModel(folder), this.#api.settings, {
          signal,
          ready: async (bytes) => {
            count.totalBytes = bytes;
            await ensureRoom(folder, bytes, freeBytes);
          },
          onBytes: (more) => {
            count.bytes += more;
          },
        });
        signal.throwIfAborted();
        await replaceModel(folder);
        this.#model = model;
      } finally {
        await mendModel(folder);
      }
      const at = new Date(clock.now()).toISOString();
      await projects.noteCloud(project, { downloaded_at: at });
    });
  }

  async model() {
    const { project, taskId } = this.#request;
    await this.#parts.places.discard(taskId);
    const directory = path.posix.join("projects", project, path.basename(modelOf("")));
    return { directory, ...(this.#model ?? { files: 0, bytes: 0 }) };
  }

  #begin(work: Work): Transfer {
    const { places, clock } = this.#parts;
    return places.watch(this.#request.taskId, new Transfer(clock, null, work));
  }

  get #archive(): string {
    return path.join(this.#folder, "model.zip");
  }

  async #get(link: string, signal: AbortSignal, count: Counting): Promise<void> {
    const answer = await this.#follow(link, signal);
    try {
      const length = answer.headers["content-length"];
      Object.assign(count, { bytes: 0, totalBytes: length === undefined ? null : Number(length) });
      this.#refuseLarge(count.totalBytes ?? 0);
      const room = await ensureRoom(this.#folder, count.totalBytes ?? 0, this.#parts.freeBytes);
      const counting = counted((more) => {
        count.bytes += more;
        // Whoever does not say how much it is may send without end.
        if (count.bytes > this.#api.settings.max_model_bytes) answer.body.destroy(this.#tooLarge());
        else if (count.bytes > room) answer.body.destroy(tooFull(count.bytes, room));
      });
      await pipeline(answer.body, counting, createWriteStream(this.#archive), { signal });
    } finally {
      answer.close();
    }
  }

  /** Each step of the way is held against the same rule. */
  async #follow(link: string, signal: AbortSignal): Promise<Answer> {
    const { timeout_seconds, allow_private } = this.#api.settings;
    let url = link;
    for (let steps = 0; ; steps++) {
      const answer = await send({
        ...{ method: "GET", url, signal },
        ...{ idleMs: timeout_seconds * 1000, allowPrivate: allow_private },
      });
      const { status, headers } = answer;
      const { location } = headers;
      const leadsOn = [301, 302, 303, 307, 308].includes(status) && location !== undefined;
      if (!leadsOn || steps === mostRedirects || !URL.canParse(location, url)) {
        refuse(answer, hostOf(url), "the model");
        return answer;
      }
      answer.close();
      url = new URL(location, url).href;
    }
  }

  #refuseLarge(bytes: number): void {
    if (bytes > this.#api.settings.max_model_bytes) throw this.#tooLarge();
  }

  #tooLarge(): RuntimeError {
    const { max_model_bytes: most } = this.#api.settings;
    return new RuntimeError("CLOUD_MODEL_REFUSED", {
      problem: `it is larger than the ${most} bytes that are allowed`,
    });
  }
}

/** Dropbox shows a page unless it is asked for the file. */
function directLink(link: string): string {
  if (!URL.canParse(link)) return link;
  const url = new URL(link);
  if (/(^|\.)dropbox\.com$/.test(url.hostname)) url.searchParams.set("dl", "1");
  return url.href;
}
