/** What a file is: by its bytes, else by what was declared, else by its extension. */
import { essence } from "../core/media_type.ts";

export interface MediaType {
  kind: "audio" | "image";
  /** The name that Gemini knows it by. */
  mimeType: string;
}

/** The names that Gemini knows, and what else means the same. Recorders use video types for sound. */
const NAMES: Record<string, string[]> = {
  "audio/wav": ["audio/x-wav", "audio/wave", "audio/vnd.wave"],
  "audio/mp3": ["audio/mpeg", "audio/x-mpeg", "audio/mpeg3", "audio/x-mp3"],
  "audio/m4a": ["audio/mp4", "audio/x-m4a", "video/mp4", "application/mp4", "audio/3gpp"],
  "audio/aac": ["audio/x-aac", "audio/aacp", "audio/x-hx-aac-adts"],
  "audio/ogg": ["audio/opus", "audio/vorbis", "application/ogg"],
  "audio/flac": ["audio/x-flac"],
  "audio/webm": ["video/webm"],
  "audio/aiff": ["audio/x-aiff"],
  "audio/l16": [],
  "audio/alaw": [],
  "audio/mulaw": [],
  "image/jpeg": ["image/jpg", "image/pjpeg"],
  "image/png": ["image/x-png"],
  "image/webp": [],
  "image/heic": ["image/heic-sequence"],
  "image/heif": ["image/heif-sequence"],
};

/** Beginnings of files that are surely nothing that Gemini hears or sees. */
const OTHERS = [
  "%PDF",
  "PK\x03\x04",
  "PK\x05\x06",
  "\x7fELF",
  "MZ",
  "\x1f\x8b",
  "Rar!",
  "7z\xbc\xaf",
  "GIF8",
  "BM",
  "II*\0",
  "MM\0*",
  "#!AMR",
  "caff",
  "\x30\x26\xb2\x75", // ASF: wma, wmv
  "\xff\xfe", // text in UTF-16
  "\xfe\xff",
];

/** Bytes: no sound and no picture is smaller; what is smaller is a header that was cut off. */
const SMALLEST = 24;

/** `head`: the file's first bytes, 4 KiB are enough. Null: nothing that Gemini can read. */
export async function detectType(
  head: Uint8Array,
  declared: string | null,
  path: string,
): Promise<MediaType | null> {
  const byBytes = sniff(head);
  if (byBytes !== undefined) return known(byBytes);
  const extension = path.split(".").at(-1) ?? "";
  const byDeclaration = known(essence(declared));
  if (byDeclaration) return byDeclaration;
  // A table of all types there are, which is seldom needed.
  const { typeByExtension } = await import("@std/media-types/type-by-extension");
  return known(typeByExtension(extension) ?? "");
}

function known(type: string | null): MediaType | null {
  if (type === null) return null;
  const mimeType = type in NAMES
    ? type
    : Object.keys(NAMES).find((name) => NAMES[name].includes(type));
  return mimeType ? { kind: mimeType.startsWith("audio/") ? "audio" : "image", mimeType } : null;
}

/** A type, null for what is surely something else, undefined when the bytes don't tell. */
function sniff(head: Uint8Array): string | null | undefined {
  if (head.length < SMALLEST) return null;
  // One character a byte, so that signatures can be compared as text.
  const text = String.fromCharCode(...head);
  const at = (offset: number, length = 4) => text.slice(offset, offset + length);
  switch (at(0)) {
    case "RIFF":
    case "RF64":
      return { WAVE: "audio/wav", WEBP: "image/webp" }[at(8)] ?? null;
    case "FORM":
      return ["AIFF", "AIFC"].includes(at(8)) ? "audio/aiff" : null;
    case "fLaC":
      return "audio/flac";
    case "OggS":
      return text.includes("theora") ? null : "audio/ogg";
    case "\x1aE\xdf\xa3":
      return at(0, 64).includes("webm") ? "audio/webm" : null;
    case "\x89PNG":
      return "image/png";
  }
  if (at(0, 3) === "\xff\xd8\xff") return "image/jpeg";
  if (at(4) === "ftyp") return byBrand(at(8), text.slice(16, head[3] || 16));
  if (at(0, 3) === "ID3") return afterTag(head);
  if (isAdts(head, 0)) return "audio/aac";
  if (isMp3(head, 0)) return "audio/mp3";
  if (OTHERS.some((signature) => text.startsWith(signature)) || isText(head)) return null;
  return undefined;
}

/** ISO base media: pictures and sound share the container; the brand tells. */
function byBrand(brand: string, compatible: string): string | null {
  if (/^he[iv]/.test(brand)) return "image/heic";
  if (brand === "avif" || brand === "avis") return null;
  if (brand === "mif1" || brand === "msf1") {
    if (compatible.includes("avif")) return null;
    return /he[iv][cxms]/.test(compatible) ? "image/heic" : "image/heif";
  }
  return brand.length === 4 ? "audio/m4a" : null;
}

/** An ID3 tag mostly precedes MP3; its length is four times seven bits. */
function afterTag(head: Uint8Array): string {
  const length = [6, 7, 8, 9].reduce((sum, index) => sum * 128 + ((head[index] ?? 0) & 0x7f), 0);
  return isAdts(head, 10 + length) ? "audio/aac" : "audio/mp3";
}

function isAdts(head: Uint8Array, at: number): boolean {
  return head[at] === 0xff && (head[at + 1] & 0xf6) === 0xf0 && ((head[at + 2] >> 2) & 15) < 13;
}

/** The header of a Layer III frame: sync, a bit rate, a sample rate. */
function isMp3(head: Uint8Array, at: number): boolean {
  const [sync, version, rates = 0xff] = head.subarray(at);
  return sync === 0xff && (version & 0xe6) === 0xe2 && (version & 0x18) !== 0x08 &&
    rates >> 4 !== 15 && rates >> 4 !== 0 && ((rates >> 2) & 3) !== 3;
}

/** UTF-8 without control characters, as no sound and no picture begins. */
function isText(head: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    // deno-lint-ignore no-control-regex -- it is these that tell
    return !/[\x00-\x08\x0e-\x1f]/.test(text);
  } catch {
    return false;
  }
}
