/** Real files of each type through the whole path, and what only looks like one. */
import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { onCloud } from "../../local/stack/stack.ts";
import { assertNothingLeft, type Scene, withFunction } from "./harness.ts";

const test = withFunction();

const media = (name: string) =>
  Deno.readFile(new URL(`../function/media/${name}`, import.meta.url));

/** File, the type that a recorder declares, and what Gemini is told. */
const FILES = [
  ["sound.wav", "audio/wav", "audio/wav"],
  ["bare.mp3", "audio/mpeg", "audio/mp3"],
  ["tagged.mp3", "audio/mpeg", "audio/mp3"],
  ["sound.m4a", "audio/mp4", "audio/m4a"],
  ["sound.mp4", "video/mp4", "audio/m4a"],
  ["sound.3gp", "audio/3gpp", "audio/m4a"],
  ["vorbis.ogg", "audio/ogg", "audio/ogg"],
  ["opus.ogg", "audio/ogg;codecs=opus", "audio/ogg"],
  ["sound.flac", "audio/flac", "audio/flac"],
  ["sound.webm", "audio/webm;codecs=opus", "audio/webm"],
  ["sound.aac", "audio/aac", onCloud ? "audio/x-aac" : "audio/aac"],
  ...onCloud ? [] : [["sound.aiff", "audio/aiff", "audio/aiff"]],
  ["picture.jpg", "image/jpeg", "image/jpeg"],
  ["picture.png", "image/png", "image/png"],
  ["picture.webp", "image/webp", "image/webp"],
  ["picture.heic", "image/heic", "image/heic"],
];

/** What Gemini is told of each file that it is asked about, by the SHA-256 of the bytes it got. */
function listenIn({ gemini }: Scene): Map<string, string> {
  const told = new Map<string, string>();
  gemini.answer = ({ files: [arrived] }) => {
    if (arrived) told.set(arrived.sha256, arrived.file.mimeType);
    return undefined;
  };
  return told;
}

for (
  const [what, declare] of [
    ["the right type", (right: string) => [right, undefined]],
    ["another sound's type and extension", () => ["audio/x-wav", "wav"]],
    ["a picture's type and extension", () => ["image/png", "png"]],
    ["a type that nobody knows", () => ["audio/x-recording", "bin"]],
  ] as [string, (right: string) => [string, string | undefined]][]
) {
  test(`real files declared with ${what} are known by their bytes`, async (scene) => {
    const expected = new Map<string, string>();
    for (const [name, right, mimeType] of FILES) {
      const bytes = await media(name);
      expected.set(createHash("sha256").update(bytes).digest("hex"), mimeType);
      const [type, ending = name.split(".").at(-1)!] = declare(right);
      await scene.upload(bytes, type, ending);
    }
    const told = listenIn(scene);
    const { status, body } = await scene.invoke();
    assertEquals([status, body.files_processed.errors], [200, []]);
    assertEquals(told, expected);
    const counts = scene.counts();
    assertEquals([counts.start, counts.listen, counts.delete], Array(3).fill(FILES.length));
    const { files } = await scene.row();
    assertEquals(files.map(({ outcome }) => outcome), FILES.map(() => "used"));
    await assertNothingLeft(scene);
  });
}

test("what only looks like a recording is named, and never leaves Storage", async (scene) => {
  const refused = new Map<string, string>();
  const looksLike = {
    text: "The patient's head aches.\n",
    PDF: "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    zip: "PK\x03\x04\x14\0\0\0\x08\0",
    "an executable": "\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
    "a header that is cut off": "RIFF\x24\0\0",
    "another one": "OggS\0\x02\0\0\0\0",
  };
  for (const text of Object.values(looksLike)) {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    refused.set(await scene.upload(bytes, "audio/wav", "wav"), "file_type");
  }
  await scene.upload(await media("sound.webm"));
  const { status, body } = await scene.invoke();
  assertEquals(status, 200);
  assertEquals([body.files_processed.audio, body.files_processed.images], [1, 0]);
  const errors: { path: string; code: string; message: string }[] = body.files_processed.errors;
  assertEquals(new Map(errors.map(({ path, code }) => [path, code])), refused);
  assert(errors.every(({ message }) => message.endsWith("that can be read.")));
  assertEquals(scene.counts().start, 1);
  const { files } = await scene.row();
  assertEquals(files.filter(({ code }) => code === "file_type").length, refused.size);
  await assertNothingLeft(scene);
});

if (onCloud) {
  test("a type that the platform does not list never leaves Storage", async (scene) => {
    await scene.upload(await media("sound.aiff"), "audio/aiff", "aiff");
    const { status, body } = await scene.invoke();
    assertEquals([status, body.error.code], [422, "file_type"]);
    assertEquals(scene.counts().start, 0);
    await assertNothingLeft(scene);
  });
}

test("nothing but files that can't be read fails with their code", async (scene) => {
  await scene.upload(new TextEncoder().encode("Words, not sounds."), "audio/mpeg", "mp3");
  const { status, body } = await scene.invoke();
  assertEquals([status, body.error.code], [422, "file_type"]);
  const { files, ...row } = await scene.row();
  assertEquals([row.status, row.error_code], ["failed", "file_type"]);
  assertEquals(files, [{ kind: "audio", outcome: "failed", code: "file_type" }]);
  const counts = scene.counts();
  assertEquals([counts.peek, counts.start, counts.compose], [1, 0, 0]);
  await assertNothingLeft(scene);
});
