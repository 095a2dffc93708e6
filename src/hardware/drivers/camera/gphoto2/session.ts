// One camera through libgphoto2, from its finding to its letting go. Its calls block, and may hang: this runs in a
// process of its own.
import { RuntimeError } from "../../../../errors/runtime-error.ts";
import { type Abilities, canCapture, canConfigure, type Gphoto2, type Handle } from "./library.ts";

export interface SessionOptions {
  readonly port: string;
  readonly model: string | null;
}

export interface FoundCamera {
  readonly model: string;
  readonly canCapture: boolean;
  readonly canConfigure: boolean;
}

/** A file on the camera. */
export interface CameraFile {
  readonly folder: string;
  readonly name: string;
}

/** GP_CAPTURE_IMAGE and GP_FILE_TYPE_NORMAL. */
const image = 0;
const normal = 1;
/** CameraWidgetType of gphoto2-widget.h. */
const range = 3;
const toggle = 4;
/** How deep folders are listed. */
const deepest = 10;

/** What is to be done about some of the library's error codes (gphoto2-port-result.h, gphoto2-result.h). */
const remedies: Readonly<Record<number, string>> = {
  [-4]: "Check the port in the device profile; gphoto2 --list-ports shows those there are.",
  [-5]: "Check the port in the device profile; gphoto2 --list-ports shows those there are.",
  [-52]: "Switch the camera on and check its cable; gphoto2 --auto-detect shows what is found.",
  [-53]: "Another program has the camera; on a desktop that is often gvfs-gphoto2-volume-monitor: end it.",
  [-105]: "Switch the camera on and check its cable; gphoto2 --list-cameras shows the models there are.",
};

export class Session {
  readonly #library: Gphoto2;
  readonly #context: Handle;
  readonly #camera: Handle;

  /** @throws DEVICE_FAILED */
  constructor(library: Gphoto2, { port, model }: SessionOptions) {
    this.#library = library;
    this.#context = library.newContext();
    this.#camera = this.#made("a camera", library.newCamera);
    if (model !== null) this.#choose(model);
    // `usb:` alone is where libgphoto2 looks by itself.
    if (port !== "usb:") this.#connect(port);
    this.#check(`the camera on ${port} does not open`, library.init(this.#camera, this.#context));
  }

  get found(): FoundCamera {
    const found = {} as Abilities;
    this.#check("its abilities are not known", this.#library.model(this.#camera, found));
    return {
      model: found.model,
      canCapture: (found.operations & canCapture) !== 0,
      canConfigure: (found.operations & canConfigure) !== 0,
    };
  }

  /** @param value as `gphoto2 --set-config` takes it @throws DEVICE_FAILED for a setting or a value it does not have */
  set(name: string, value: string): void {
    const library = this.#library;
    const problem = `its setting '${name}' cannot be '${value}'`;
    const setting = this.#made(problem, (out: Handle[]) =>
      library.settingOf(this.#camera, name, out, this.#context),
    );
    try {
      const kind: number[] = [0];
      this.#check(problem, library.kindOfSetting(setting, kind));
      const number = Number(value);
      if (kind[0] === range) this.#check(problem, library.setNumber(setting, [number]));
      else if (kind[0] === toggle) this.#check(problem, library.setToggle(setting, [number]));
      else this.#check(problem, library.setText(setting, value));
      this.#check(problem, library.setSetting(this.#camera, name, setting, this.#context));
    } finally {
      library.freeSetting(setting);
    }
  }

  /** @returns where the photo lies on the camera @throws DEVICE_FAILED */
  capture(): CameraFile {
    const path = {} as CameraFile;
    this.#check("it took no photo", this.#library.capture(this.#camera, image, path, this.#context));
    return { folder: path.folder, name: path.name };
  }

  /** @throws DEVICE_FAILED */
  read({ folder, name }: CameraFile): Uint8Array {
    const library = this.#library;
    const problem = `${folder}/${name} cannot be read`;
    const file = this.#made(problem, library.newFile);
    try {
      this.#check(problem, library.fileAt(this.#camera, folder, name, normal, file, this.#context));
      const [content, size]: [Handle[], number[]] = [[null], [0]];
      this.#check(problem, library.contentOf(file, content, size));
      return library.bytesAt(content[0] as Handle, Number(size[0]));
    } finally {
      library.freeFile(file);
    }
  }

  /** @throws DEVICE_FAILED */
  delete({ folder, name }: CameraFile): void {
    const problem = `${folder}/${name} cannot be deleted`;
    this.#check(problem, this.#library.deleteFile(this.#camera, folder, name, this.#context));
  }

  /** Every file of a folder and of those in it. @throws DEVICE_FAILED */
  list(folder: string, depth = 0): CameraFile[] {
    const here = this.#names(folder, this.#library.listFiles).map((name) => ({ folder, name }));
    if (depth >= deepest) return here;
    const folders = this.#names(folder, this.#library.listFolders);
    return [
      ...here,
      ...folders.flatMap((name) => this.list(`${folder === "/" ? "" : folder}/${name}`, depth + 1)),
    ];
  }

  close(): void {
    this.#library.exit(this.#camera, this.#context);
  }

  #choose(model: string): void {
    const library = this.#library;
    const problem = `there is no camera model '${model}'`;
    const models = this.#made(problem, library.newModels);
    this.#check(problem, library.loadModels(models, this.#context));
    const at = this.#check(problem, library.findModel(models, model));
    const abilities = {} as Abilities;
    this.#check(problem, library.modelAt(models, at, abilities));
    this.#check(problem, library.setModel(this.#camera, abilities));
  }

  #connect(port: string): void {
    const library = this.#library;
    const problem = `there is no port ${port}`;
    const ports = this.#made(problem, library.newPorts);
    this.#check(problem, library.loadPorts(ports));
    const at = this.#check(problem, library.findPort(ports, port));
    const info = this.#made(problem, (out: Handle[]) => library.portAt(ports, at, out));
    this.#check(problem, library.setPort(this.#camera, info));
  }

  #names(folder: string, list: Gphoto2["listFiles"]): string[] {
    const library = this.#library;
    const problem = `the folder ${folder} cannot be listed`;
    const found = this.#made(problem, library.newList);
    try {
      this.#check(problem, list(this.#camera, folder, found, this.#context));
      return Array.from({ length: this.#check(problem, library.countOf(found)) }, (_, at) => {
        const name: string[] = [""];
        this.#check(problem, library.nameAt(found, at, name));
        return name[0] as string;
      });
    } finally {
      library.freeList(found);
    }
  }

  #made(problem: string, make: (out: Handle[]) => number): Handle {
    const out: Handle[] = [null];
    this.#check(problem, make(out));
    return out[0] as Handle;
  }

  #check(problem: string, result: number): number {
    if (result >= 0) return result;
    const remedy = remedies[result];
    throw new RuntimeError("DEVICE_FAILED", {
      problem: `${problem}: ${this.#library.describe(result)} (${result})`,
      ...(remedy && { remedy }),
    });
  }
}
