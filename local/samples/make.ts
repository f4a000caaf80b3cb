/**
 * Makes the samples again: `deno run -A local/samples/make.ts`.
 * Needs espeak-ng, ffmpeg, rsvg-convert (librsvg2-bin), convert (imagemagick) and the fonts DejaVu
 * and URW Base 35; on Debian: `apt-get install espeak-ng ffmpeg librsvg2-bin imagemagick
 * fonts-dejavu-core fonts-urw-base35`. The same versions of these give the same bytes.
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { CONSULTATION, PRESCRIPTION, type Script } from "./scripts.ts";

const FOLDER = fileURLToPath(new URL("./", import.meta.url));

/** espeak-ng's voice, words a minute and pitch of each speaker. */
const VOICES: Record<string, string[]> = {
  doctor: ["-v", "en-gb", "-s", "172", "-p", "38"],
  nurse: ["-v", "en-us+f3", "-s", "178", "-p", "62"],
  patient: ["-v", "en-gb-scotland+m3", "-s", "168", "-p", "25"],
};

/** Seconds of silence between two turns. */
const PAUSE = 0.35;

/** Opus in WebM as a browser records it; bitexact: no random ids, no dates. */
const OPUS = ["-ac", "1", "-c:a", "libopus", "-b:a", "16k", "-application", "voip"];
const BITEXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact"];

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}

const sha256 = async (file: string) =>
  createHash("sha256").update(await Deno.readFile(FOLDER + file)).digest("hex");

/** Length of a WAV file as espeak-ng writes it: a header of 44 bytes, 16 bits, mono. */
async function wavSeconds(path: string): Promise<number> {
  const header = new DataView((await Deno.readFile(path)).buffer);
  return (header.byteLength - 44) / header.getUint32(28, true);
}

async function write(
  file: string,
  language: string | null,
  seconds: number | null,
  script: Script,
) {
  const sample = { file, sha256: await sha256(file), language, seconds, ...script };
  const name = file.replace(/\.\w+$/, ".json");
  await Deno.writeTextFile(FOLDER + name, JSON.stringify(sample, null, 2) + "\n");
}

async function consultation(scratch: string) {
  const inputs: string[] = [];
  const segments = [];
  let at = 0;
  for (const [index, segment] of CONSULTATION.segments.entries()) {
    const wav = `${scratch}/${index}.wav`;
    await run("espeak-ng", [...VOICES[segment.speaker!], "-w", wav, segment.text]);
    inputs.push("-i", wav);
    segments.push({ ...segment, start: Math.round(at * 10) / 10 });
    at += await wavSeconds(wav) + PAUSE;
  }
  const padded = segments.map((_, index) => `[${index}]apad=pad_dur=${PAUSE}[p${index}]`).join(";");
  const joined = segments.map((_, index) => `[p${index}]`).join("");
  const filter = `${padded};${joined}concat=n=${segments.length}:v=0:a=1`;
  const target = FOLDER + "consultation.webm";
  await run("ffmpeg", ["-y", ...inputs, "-filter_complex", filter, ...OPUS, ...BITEXACT, target]);
  await write("consultation.webm", "en", Math.round(at * 10) / 10, { ...CONSULTATION, segments });
}

async function silence() {
  const source = ["-f", "lavfi", "-t", "10", "-i", "anullsrc=r=48000:cl=mono"];
  await run("ffmpeg", ["-y", ...source, ...OPUS, ...BITEXACT, FOLDER + "silence.webm"]);
  await write("silence.webm", null, 10, { segments: [], statements: [] });
}

async function prescription(scratch: string) {
  const png = `${scratch}/prescription.png`;
  await run("rsvg-convert", ["-o", png, FOLDER + "prescription.svg"]);
  await run("convert", [png, "-strip", "-quality", "72", FOLDER + "prescription.jpg"]);
  await write("prescription.jpg", "en", null, PRESCRIPTION);
}

const scratch = await Deno.makeTempDir();
try {
  await consultation(scratch);
  await silence();
  await prescription(scratch);
} finally {
  await Deno.remove(scratch, { recursive: true });
}
