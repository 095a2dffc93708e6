// The calls of libgphoto2 (2.5) that a camera needs, as its headers declare them. Each returns 0 or more, or an error.
import { createRequire } from "node:module";
import { RuntimeError } from "../../../../errors/runtime-error.ts";

type Koffi = typeof import("koffi");

/** A pointer that only the library looks into. */
export type Handle = object | null;

/** CameraAbilities of gphoto2-abilities-list.h, as far as we read it; handed over by value, so its size matters. */
export interface Abilities {
  readonly model: string;
  readonly operations: number;
}

/** GP_OPERATION_CAPTURE_IMAGE and GP_OPERATION_CONFIG of gphoto2-abilities-list.h. */
export const canCapture = 1 << 0;
export const canConfigure = 1 << 4;

export type Gphoto2 = ReturnType<typeof declare>;

/** @throws DEVICE_FAILED where koffi or the library is missing */
export function loadLibrary(file: string): Gphoto2 {
  const require = createRequire(import.meta.url);
  let koffi: Koffi;
  try {
    koffi = require("koffi");
  } catch (error) {
    throw missing(`koffi is not installed: ${(error as Error).message}`, "npm install koffi");
  }
  try {
    return declare(koffi, file);
  } catch (error) {
    const remedy =
      "Install it (apt install libgphoto2-6), or give its file as 'library' in the device profile.";
    throw missing(`${file} cannot be loaded: ${(error as Error).message}`, remedy);
  }
}

const missing = (problem: string, remedy: string): RuntimeError =>
  new RuntimeError("DEVICE_FAILED", { problem, remedy });

function declare(koffi: Koffi, file: string) {
  const library = koffi.load(file);
  const text = (length: number) => koffi.array("char", length, "String");
  const abilities = koffi.struct({
    model: text(128),
    status: "int",
    port: "int",
    speed: koffi.array("int", 64),
    operations: "int",
    file_operations: "int",
    folder_operations: "int",
    usb: koffi.array("int", 5),
    library: text(1024),
    id: text(1024),
    device_type: "int",
    reserved: koffi.array("int", 7),
  });
  const path = koffi.struct({ name: text(128), folder: text(1024) });
  const handle = koffi.pointer("void");
  const made = koffi.out(koffi.pointer(handle));
  const call = (name: string, ...takes: unknown[]) => library.func(name, "int", takes as never[]);
  return {
    /** The text of an error code. */
    describe: library.func("gp_result_as_string", "str", ["int"]) as (code: number) => string,
    version: () => {
      const lines = library.func("gp_library_version", koffi.pointer("str"), ["int"])(0);
      return String(koffi.decode(lines, "str"));
    },
    newContext: library.func("gp_context_new", handle, []) as () => Handle,
    newCamera: call("gp_camera_new", made),
    newPorts: call("gp_port_info_list_new", made),
    loadPorts: call("gp_port_info_list_load", handle),
    findPort: call("gp_port_info_list_lookup_path", handle, "str"),
    portAt: call("gp_port_info_list_get_info", handle, "int", made),
    setPort: call("gp_camera_set_port_info", handle, handle),
    newModels: call("gp_abilities_list_new", made),
    loadModels: call("gp_abilities_list_load", handle, handle),
    findModel: call("gp_abilities_list_lookup_model", handle, "str"),
    modelAt: call("gp_abilities_list_get_abilities", handle, "int", koffi.out(koffi.pointer(abilities))),
    setModel: call("gp_camera_set_abilities", handle, abilities),
    model: call("gp_camera_get_abilities", handle, koffi.out(koffi.pointer(abilities))),
    init: call("gp_camera_init", handle, handle),
    exit: call("gp_camera_exit", handle, handle),
    capture: call("gp_camera_capture", handle, "int", koffi.out(koffi.pointer(path)), handle),
    newFile: call("gp_file_new", made),
    fileAt: call("gp_camera_file_get", handle, "str", "str", "int", handle, handle),
    contentOf: call("gp_file_get_data_and_size", handle, made, koffi.out(koffi.pointer("unsigned long"))),
    freeFile: call("gp_file_unref", handle),
    deleteFile: call("gp_camera_file_delete", handle, "str", "str", handle),
    newList: call("gp_list_new", made),
    freeList: call("gp_list_free", handle),
    listFiles: call("gp_camera_folder_list_files", handle, "str", handle, handle),
    listFolders: call("gp_camera_folder_list_folders", handle, "str", handle, handle),
    countOf: call("gp_list_count", handle),
    nameAt: call("gp_list_get_name", handle, "int", koffi.out(koffi.pointer("str"))),
    settingOf: call("gp_camera_get_single_config", handle, "str", made, handle),
    setSetting: call("gp_camera_set_single_config", handle, "str", handle, handle),
    kindOfSetting: call("gp_widget_get_type", handle, koffi.out(koffi.pointer("int"))),
    setText: call("gp_widget_set_value", handle, "str"),
    setNumber: call("gp_widget_set_value", handle, koffi.pointer("float")),
    setToggle: call("gp_widget_set_value", handle, koffi.pointer("int")),
    freeSetting: call("gp_widget_free", handle),
    /** The library's own memory, copied. */
    bytesAt: (pointer: Handle, length: number): Uint8Array =>
      Uint8Array.from(koffi.decode(pointer as never, koffi.array("uint8_t", length, "Typed")) as Uint8Array),
  };
}
