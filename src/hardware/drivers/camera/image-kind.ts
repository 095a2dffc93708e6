// What kind of image some bytes are, by how they begin; what a file is called decides only between kinds of raw.

export interface ImageKind {
  /** MIME type, as in `image/jpeg`. */
  readonly type: string;
  /** Without the dot, as in `jpg`. */
  readonly extension: string;
}

const kind = (type: string, extension: string): ImageKind => ({ type: `image/${type}`, extension });
const text = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

/** Makers' raw files that are TIFF inside. */
const rawTypes: Readonly<Record<string, string>> = {
  nef: "x-nikon-nef",
  nrw: "x-nikon-nrw",
  arw: "x-sony-arw",
  pef: "x-pentax-pef",
  srw: "x-samsung-srw",
};

/** Brands of ISO base media files (ISO/IEC 14496-12, `ftyp`). */
const brands: Readonly<Record<string, ImageKind>> = {
  "crx ": kind("x-canon-cr3", "cr3"),
  avif: kind("avif", "avif"),
  heic: kind("heic", "heic"),
  heix: kind("heic", "heic"),
  mif1: kind("heif", "heif"),
};

/** @param name what its file is called, where that is known @returns null where it is no image we know */
export function imageKindOf(bytes: Uint8Array, name = ""): ImageKind | null {
  const four = text(bytes, 0, 4);
  if (text(bytes, 0, 3) === "\xff\xd8\xff") return kind("jpeg", "jpg");
  if (text(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return kind("png", "png");
  if (four === "II*\0" || four === "MM\0*") return tiffKind(bytes, name);
  if (four === "IIRO" || four === "IIRS" || four === "MMOR") return kind("x-olympus-orf", "orf");
  if (four === "IIU\0") return kind("x-panasonic-rw2", "rw2");
  if (text(bytes, 0, 15) === "FUJIFILMCCD-RAW") return kind("x-fuji-raf", "raf");
  if (four === "RIFF" && text(bytes, 8, 12) === "WEBP") return kind("webp", "webp");
  if (text(bytes, 4, 8) === "ftyp") return brands[text(bytes, 8, 12)] ?? null;
  if (/^P[56]\s/.test(four)) return kind("x-portable-anymap", four[1] === "5" ? "pgm" : "ppm");
  if (four.startsWith("BM") && bytes.length > 26) return kind("bmp", "bmp");
  return null;
}

function tiffKind(bytes: Uint8Array, name: string): ImageKind {
  if (text(bytes, 8, 10) === "CR") return kind("x-canon-cr2", "cr2");
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const raw = rawTypes[extension];
  if (raw) return kind(raw, extension);
  return hasTag(bytes, dngVersion) ? kind("x-adobe-dng", "dng") : kind("tiff", "tiff");
}

/** Every DNG has it in its first directory (DNG specification 1.7, chapter 4). */
const dngVersion = 0xc612;

/** Whether a TIFF's first directory has a tag: a count of entries, then twelve bytes each that begin with the tag. */
function hasTag(bytes: Uint8Array, tag: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = bytes[0] === 0x49;
  if (bytes.length < 8) return false;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > bytes.length) return false;
  const entries = view.getUint16(directory, isLittle);
  for (let at = directory + 2; at < directory + 2 + entries * 12 && at + 2 <= bytes.length; at += 12)
    if (view.getUint16(at, isLittle) === tag) return true;
  return false;
}
