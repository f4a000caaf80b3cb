/** Faults as a table: each is injected, and then what everybody sees of it is asserted. */
import { assertEquals } from "@std/assert";
import { onCloud } from "../../local/stack/stack.ts";
import { type ErrorCode, ERRORS } from "../../supabase/functions/generate-summary/core/errors.ts";
import { type Counts, USUAL } from "./counts.ts";
import { assertNothingLeft, sample, type Scene, withFunction } from "./harness.ts";

type Way = "gemini-api" | "google-cloud";
/** The one that these tests take. */
const WAY: Way = onCloud ? "google-cloud" : "gemini-api";

export interface Case {
  what: string;
  /** By which way alone it can go wrong so. */
  only?: Way;
  /** The consultation of the samples unless told. */
  recording?: { bytes: Uint8Array; type: string; ending: string };
  /** Makes it go wrong; the recording lies in Storage at `path` by then. */
  inject(scene: Scene, path: string): unknown;
  /** What becomes of the recording: part of the summary, or an error of this code beside it. */
  ends: "used" | ErrorCode;
  /** Where they are not the usual ones. */
  requests?: Partial<Counts>;
  /** Parts of the recording that are saved, one unless told. */
  parts?: number;
  /** How many the job has, one unless told: answers that are paid for in vain count. */
  attempts?: number;
  /** What else there is to see, after the summary has ended. */
  also?(scene: Scene): unknown;
}

/**
 * A test for each case, in a consultation with a picture that was extracted before and the recording
 * that meets the fault, at the job's last attempt. So what helps is a retry in place; what doesn't help
 * leaves the summary without the recording, unless it is nobody's fault here: then it waits.
 */
export function testCases(cases: Case[]): void {
  const test = withFunction();
  for (const one of cases.filter(({ only = WAY }) => only === WAY)) {
    const { what, recording, inject, ends, requests, parts = 1, attempts = 1, also } = one;
    const waits = ends !== "used" && ["limit", "provider", "account"].includes(ERRORS[ends].blame);
    const then = ends === "used" ? "the recording is used" : waits ? `${ends}, and it waits` : ends;
    test(`${what}: ${then}`, async (scene) => {
      await scene.upload(await sample("prescription.jpg"), "image/jpeg", "jpg");
      assertEquals((await scene.invoke()).status, 200);
      const { bytes, type, ending } = recording ?? CONSULTATION;
      const path = await scene.upload(bytes, type, ending);
      await scene.allowAttempts(attempts);
      await inject(scene, path);
      scene.counts();

      if (waits) {
        return await assertWaits(scene, ends, { ...USUAL, compose: 0, verify: 0, ...requests });
      }
      const { status, body } = await scene.invoke();
      assertEquals([status, body.error], [200, undefined]);
      await scene.cleaned();
      const error = ends !== "used" && { path, code: ends, message: ERRORS[ends].message };
      assertEquals(body.files_processed, {
        audio: error ? 0 : 1,
        images: 1,
        errors: error ? [error] : [],
      });
      assertEquals(scene.counts(), { ...USUAL, ...requests });
      const row = await scene.row();
      assertEquals([row.id, row.status, row.error_code], [body.summary_id, "completed", null]);
      assertEquals(row.files, [
        { kind: "image", outcome: "used", code: null },
        { kind: "audio", outcome: error ? "failed" : "used", code: error ? error.code : null },
      ]);
      assertEquals(row.extractions.length, error ? 0 : parts);
      await assertNothingLeft(scene);
      await also?.(scene);
    });
  }
}

/** No attempt was used up, and when that is over the recording is used. */
async function assertWaits(scene: Scene, code: ErrorCode, requests: Counts): Promise<void> {
  const { status, body } = await scene.invoke();
  assertEquals([status, body.status, body.error], [202, "queued", undefined]);
  assertEquals(scene.counts(), requests);
  const row = await scene.row();
  const { blame } = ERRORS[code];
  assertEquals([row.status, row.error_code, row.waiting_for], ["queued", code, blame]);
  assertEquals([row.fruitless, row.files, row.extractions], [0, [], []]);
  scene.mend();
  await scene.due();
  const again = await scene.invoke();
  assertEquals([again.status, again.body.summary_id], [200, body.summary_id]);
  assertEquals(again.body.files_processed, { audio: 1, images: 1, errors: [] });
  await assertNothingLeft(scene);
}

const CONSULTATION = {
  bytes: await sample("consultation.webm"),
  type: "audio/webm",
  ending: "webm",
};

/** Counts of a recording that is looked at and not uploaded. */
export const NOT_UPLOADED = { get: 0, open: 0, start: 0, bytes: 0, count: 0, listen: 0 };

/** Bytes that begin as a WAV file does, and no two parts of which are alike; 32,000 are a second. */
export function wav(size: number) {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++) bytes[index] = index * 2654435761 >>> 13;
  bytes.set(new TextEncoder().encode("RIFF____WAVEfmt "));
  return { bytes, type: "audio/wav", ending: "wav" };
}
