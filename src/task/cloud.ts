// What tasks see of the cloud in `ctx.services.cloud`; src/services/cloud implements it. No secret passes through here.

/** Bytes on their way, looked at by whoever awaits them. A transfer begins at once. */
export interface CloudTransfer {
  /** What has been done so far; falls back where something is sent or fetched again. */
  readonly bytes: number;
  /** Null where nobody has said. */
  readonly totalBytes: number | null;
  /** Nothing is under way any more. */
  readonly isOver: boolean;
  /** Resolves after `ms`, or as soon as it is over; never rejects. */
  glance(ms: number): Promise<void>;
  /** Breaks the connection off; resolves when it is closed, and nothing is under way until `goOn`. Never rejects. */
  hold(): Promise<void>;
  /** Begins anew after `hold`: the other side keeps no part of what it has not got whole. */
  goOn(): Promise<void>;
  /** Resolves when it is done. @throws what it failed with */
  finish(): Promise<void>;
  /** Breaks it off for good; resolves when nothing is under way. Twice without harm, never rejects. */
  abort(): Promise<void>;
}

/** Calls that wait for the network are given up when it is aborted. */
export interface Abortable {
  readonly signal?: AbortSignal;
}

export interface UploadRequest {
  /** What is packed lies under this name until the task has ended. */
  readonly taskId: string;
  readonly project: string;
  /** Default: all of them. */
  readonly scanIndices?: readonly number[];
  /** In place of the one in the settings. */
  readonly token?: string;
  /** The `remoteName` of an earlier attempt of this task; where nothing is left of it, the upload begins anew. */
  readonly continues?: string;
}

/** In this order: `pack`, `create`, each part once, `start`. */
export interface CloudUpload {
  /** The project's name in the cloud. */
  readonly remoteName: string;
  readonly photos: number;
  /** Of what is packed; 0 before. */
  readonly bytes: number;
  /** Of each part but the last. */
  readonly partBytes: number;
  /** How many parts it has; 0 before `create`. */
  readonly parts: number;
  /** Packs the photos, unless an earlier attempt has. @throws DISK_TOO_FULL */
  pack(): Promise<CloudTransfer>;
  /** Asks the cloud where the parts go, unless an earlier attempt has. @throws CLOUD_REFUSED, CLOUD_UNREACHABLE, CLOUD_ANSWER_UNUSABLE */
  create(options?: Abortable): Promise<void>;
  /** @param part 0 for the first @throws (from `finish`) CLOUD_REFUSED, CLOUD_UNREACHABLE, CLOUD_LINK_REFUSED */
  send(part: number): Promise<CloudTransfer>;
  /** Lets the cloud begin, notes in the project that it is there, and removes what was packed. @throws as `create` */
  start(options?: Abortable): Promise<void>;
}

export interface DownloadRequest {
  readonly taskId: string;
  readonly project: string;
  readonly token?: string;
  /** Default: the name under which the project was uploaded. */
  readonly remoteName?: string;
}

/** In this order: `find` until it has found, `fetch`, `unpack`. */
export interface CloudDownload {
  readonly remoteName: string;
  /** How long to wait before the cloud is asked again, as its owner wants it. */
  readonly intervalSeconds: number;
  /**
   * True when the cloud has a link to the model.
   * @param asked how often it is asked, this time included
   * @throws CLOUD_NOT_READY for the last time an owner wants, CLOUD_REFUSED, CLOUD_UNREACHABLE, CLOUD_ANSWER_UNUSABLE
   */
  find(asked: number, options?: Abortable): Promise<boolean>;
  /** @throws (from `finish`) CLOUD_REFUSED, CLOUD_UNREACHABLE, CLOUD_LINK_REFUSED, CLOUD_MODEL_REFUSED, DISK_TOO_FULL */
  fetch(): Promise<CloudTransfer>;
  /**
   * Puts the model in the place of the one before, whole or not at all, and notes it in the project.
   * @throws (from `finish`) CLOUD_MODEL_REFUSED, DISK_TOO_FULL
   */
  unpack(): Promise<CloudTransfer>;
  /** Removes what was fetched. @returns what lies there after `unpack`, relative to the data directory */
  model(): Promise<{ readonly directory: string; readonly files: number; readonly bytes: number }>;
}

export interface CloudService {
  /** @throws CLOUD_NOT_CONFIGURED, FILE_NOT_FOUND for a project or scan that is not there, NO_PHOTOS */
  upload(request: UploadRequest): Promise<CloudUpload>;
  /** @throws CLOUD_NOT_CONFIGURED, FILE_NOT_FOUND, NOT_UPLOADED */
  download(request: DownloadRequest): Promise<CloudDownload>;
}
