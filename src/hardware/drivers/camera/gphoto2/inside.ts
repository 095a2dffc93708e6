// Runs in the process of a camera behind libgphoto2.
import { RuntimeError } from "../../../../errors/runtime-error.ts";
import { answer, type Channel } from "../../../process/inside.ts";
import { loadLibrary } from "./library.ts";
import { type CameraFile, type FoundCamera, Session, type SessionOptions } from "./session.ts";

export interface PhotoOrder {
  readonly settings: Readonly<Record<string, string>>;
  readonly deleteFromCamera: boolean;
}

export interface Gphoto2Calls {
  open(options: SessionOptions & { readonly library: string }): FoundCamera;
  capture(order: PhotoOrder): { readonly bytes: Uint8Array; readonly name: string };
  list(folder: string): CameraFile[];
  read(file: CameraFile): Uint8Array;
  close(nothing: null): void;
}

export function serve(channel: Channel): void {
  let session: Session | null = null;
  const opened = (): Session => {
    if (!session) throw new RuntimeError("DEVICE_FAILED", { problem: "it is not open" });
    return session;
  };
  answer<Gphoto2Calls>(channel, {
    open({ library, ...options }) {
      session = new Session(loadLibrary(library), options);
      return session.found;
    },
    capture({ settings, deleteFromCamera }) {
      const camera = opened();
      for (const [name, value] of Object.entries(settings)) camera.set(name, value);
      const file = camera.capture();
      const bytes = camera.read(file);
      if (deleteFromCamera) camera.delete(file);
      return { bytes, name: file.name };
    },
    list: (folder) => opened().list(folder),
    read: (file) => opened().read(file),
    close: () => session?.close(),
  });
}
