/**
 * The files in `media/` are a third of a second of a 440 Hz tone and a red square, by
 * `ffmpeg -f lavfi -i sine=frequency=440:duration=0.3 -ac 1 -ar 16000 -map_metadata -1 …` and
 * `ffmpeg -f lavfi -i color=red:s=16x16:d=0.1 -frames:v 1 …`, the HEIC by ImageMagick from the PNG.
 */
import { assertEquals } from "@std/assert";
import { detectType } from "../../../supabase/functions/generate-summary/extract/media_types.ts";

const media = (name: string) => Deno.readFile(new URL(`../media/${name}`, import.meta.url));
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

const REAL = {
  "sound.wav": "audio/wav",
  "bare.mp3": "audio/mp3",
  "tagged.mp3": "audio/mp3",
  "sound.m4a": "audio/m4a",
  "sound.mp4": "audio/m4a",
  "sound.3gp": "audio/m4a",
  "vorbis.ogg": "audio/ogg",
  "opus.ogg": "audio/ogg",
  "sound.flac": "audio/flac",
  "sound.webm": "audio/webm",
  "sound.aac": "audio/aac",
  "sound.aiff": "audio/aiff",
  "picture.jpg": "image/jpeg",
  "picture.png": "image/png",
  "picture.webp": "image/webp",
  "picture.heic": "image/heic",
};

for (const [name, mimeType] of Object.entries(REAL)) {
  Deno.test(`the header of ${name} alone is no ${mimeType.split("/")[0]}`, async () => {
    assertEquals(await detectType((await media(name)).subarray(0, 20), mimeType, name), null);
  });

  Deno.test(`${name} is ${mimeType}, whatever is declared`, async () => {
    const head = (await media(name)).subarray(0, 4096);
    const type = { kind: mimeType.split("/")[0], mimeType };
    for (const declared of [mimeType, null, "audio/ogg;codecs=opus", "image/png", "text/plain"]) {
      for (const path of [name, "file", "file.wav", "file.jpg"]) {
        assertEquals(await detectType(head, declared, path), type);
      }
    }
  });
}

Deno.test("pictures of the HEIF family are told apart by brand", async () => {
  const ftyp = (brand: string, ...compatible: string[]) => {
    const brands = [brand, "\0\0\0\0", ...compatible].join("");
    return bytes(`\0\0\0${String.fromCharCode(8 + brands.length)}ftyp${brands}\0\0\0\x09meta`);
  };
  const typeOf = async (head: Uint8Array) => (await detectType(head, null, "picture"))?.mimeType;
  assertEquals(await typeOf(ftyp("heic", "mif1", "heic")), "image/heic");
  assertEquals(await typeOf(ftyp("mif1", "mif1", "heic")), "image/heic");
  assertEquals(await typeOf(ftyp("mif1", "mif1")), "image/heif");
  assertEquals(await typeOf(ftyp("avif", "mif1", "avif")), undefined);
  assertEquals(await typeOf(ftyp("mif1", "avif", "mif1")), undefined);
});

Deno.test("an ID3 tag before AAC frames does not make them MP3", async () => {
  const tag = "ID3\x04\0\0\0\0\0\x0a" + "\0".repeat(10);
  const type = await detectType(bytes(`${tag}\xff\xf1\x60\x40\x18\x9f`), null, "sound");
  assertEquals(type?.mimeType, "audio/aac");
});

for (
  const [what, head] of [
    ["text", "Patient: my head aches.\n"],
    ["text beyond ASCII", "Der Kopf schmerzt, h\xc3\xa4ufig.\n"],
    ["text in UTF-16", "\xff\xfeT\0e\0x\0t\0"],
    ["HTML", "<!doctype html><p>Hello"],
    ["SVG", '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ["JSON", '{"segments": []}'],
    ["PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3"],
    ["zip", "PK\x03\x04\x14\0\0\0"],
    ["a Linux program", "\x7fELF\x02\x01\x01\0"],
    ["a Windows program", "MZ\x90\0\x03\0\0\0"],
    ["gzip", "\x1f\x8b\x08\0\0\0\0\0"],
    ["a video for Windows", "RIFF\x24\0\0\0AVI LIST"],
    ["Matroska", "\x1aE\xdf\xa3\xa3B\x82\x88matroska"],
    ["AMR", "#!AMR\n<\x91\x17"],
    ["a header that is cut off", "RIFF\x24\0\0"],
  ]
) {
  Deno.test(`${what} under the name and type of a recording is refused`, async () => {
    assertEquals(await detectType(bytes(head), "audio/wav", "recording.wav"), null);
  });
}

Deno.test("bytes that tell nothing are what was declared, else what the extension says", async () => {
  const head = bytes("\x80\0\x7b\xc3\0\x91".repeat(5));
  const typeOf = async (declared: string | null, path: string) =>
    (await detectType(head, declared, path))?.mimeType;
  assertEquals(await typeOf("audio/webm;codecs=opus", "a.wav"), "audio/webm");
  assertEquals(await typeOf("audio/mp4", "a"), "audio/m4a");
  assertEquals(await typeOf("audio/L16; rate=16000", "a"), "audio/l16");
  assertEquals(await typeOf("video/webm", "a"), "audio/webm");
  assertEquals(await typeOf("video/webm;codecs=vp8,opus", "a"), "audio/webm");
  assertEquals(await typeOf("Audio/MPEG ; x=1; x=1;;", "a"), "audio/mp3");
  assertEquals(await typeOf("application/octet-stream", "a.mp3"), "audio/mp3");
  assertEquals(await typeOf("no type", "a.WAV"), "audio/wav");
  assertEquals(await typeOf(null, "a.wav"), "audio/wav");
  assertEquals(await typeOf(null, "a.m4a"), "audio/m4a");
  assertEquals(await typeOf(null, "a.heic"), "image/heic");
  assertEquals(await typeOf("application/octet-stream", "a.doc"), undefined);
  assertEquals(await typeOf(null, "no-extension"), undefined);
});
