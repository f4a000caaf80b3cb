/** Faults as a table: each is injected, and then what everybody sees of it is asserted. */
import { assertEquals } from "@std/assert";
import { type ErrorCode, ERRORS } from "../../supabase/functions/generate-summary/core/errors.ts";
import { type Counts, USUAL } from "./counts.ts";
import { assertNothingLeft, sample, type Scene, withFunction } from "./harness.ts";

export interface Case {
  what: string;
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
  /** It takes the next sweep until the file at Gemini is gone. */
  swept?: boolean;
  /** What else there is to see, after the summary has ended. */
  also?(scene: Scene): unknown;
}

/**
 * A test for each case, in a consultation with a picture that was extracted before and the recording
 * that meets the fault, at the job's last attempt. So what helps is a retry in place, and what
 * doesn't help leaves the summary without the recording.
 */
export function testCases(cases: Case[]): void {
  const test = withFunction();
  for (const { what, recording, inject, ends, requests, parts = 1, swept, also } of cases) {
    test(`${what}: ${ends === "used" ? "the recording is used" : ends}`, async (scene) => {
      await scene.upload(await sample("prescription.jpg"), "image/jpeg", "jpg");
      assertEquals((await scene.invoke()).status, 200);
      const { bytes, type, ending } = recording ?? CONSULTATION;
      const path = await scene.upload(bytes, type, ending);
      await scene.allowAttempts(1);
      await inject(scene, path);
      scene.counts();

      const { status, body } = await scene.invoke();
      assertEquals([status, body.error], [200, undefined]);
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
      await assertNothingLeft(scene, swept);
      await also?.(scene);
    });
  }
}

const CONSULTATION = {
  bytes: await sample("consultation.webm"),
  type: "audio/webm",
  ending: "webm",
};

/** Counts of a recording that is looked at and not uploaded. */
export const NOT_UPLOADED = { open: 0, start: 0, bytes: 0, count: 0, listen: 0 };

/** Bytes that begin as a WAV file does, and no two parts of which are alike; 32,000 are a second. */
export function wav(size: number) {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++) bytes[index] = index * 2654435761 >>> 13;
  bytes.set(new TextEncoder().encode("RIFF____WAVEfmt "));
  return { bytes, type: "audio/wav", ending: "wav" };
}
