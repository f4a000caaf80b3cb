/** A file that arrived whole, and is not what it should be. */
import { assert, assertEquals } from "@std/assert";
import { testCases } from "./cases.ts";
import type { Scene } from "./harness.ts";

const never = { count: 0, listen: 0 };

const OTHER_MD5 = btoa("sixteen bytes, 1");

/** Somebody else deletes the file just before the model is asked for the first time. */
function vanishBeforeUse({ gemini }: Scene): void {
  let vanished = false;
  gemini.fail({
    on: "generate",
    delayMs: 0,
    when: () => {
      if (!vanished) gemini.files.clear();
      vanished = true;
      return false;
    },
  });
}

testCases([
  {
    what: "a file that is processed for some polls",
    only: "gemini-api",
    inject: ({ gemini }) => gemini.fail({ on: "file", polls: 3 }),
    ends: "used",
    requests: { get: 5 },
  },
  {
    what: "a file that never gets ready",
    only: "gemini-api",
    inject: ({ gemini }) => gemini.fail({ on: "file", polls: Infinity }),
    ends: "model_unavailable",
    requests: { ...never, get: 7, delete: 0 },
  },
  {
    what: "a file that Gemini failed to process",
    only: "gemini-api",
    inject: ({ gemini }) => gemini.fail({ on: "file", failed: true }),
    ends: "file_rejected",
    requests: { ...never, delete: 2 },
  },
  {
    what: "a file that fails after some polls",
    only: "gemini-api",
    inject: ({ gemini }) => gemini.fail({ on: "file", polls: 2, failed: true }),
    ends: "file_rejected",
    requests: { ...never, get: 4, delete: 2 },
  },
  {
    what: "a file that is ACTIVE with 0 bytes, once",
    inject: ({ gemini }) => gemini.fail({ on: "file", sizeBytes: "0" }),
    ends: "used",
    requests: { get: 2, open: 2, start: 2, bytes: 2, delete: 2 },
  },
  {
    what: "files that are always ACTIVE with 0 bytes",
    inject: ({ gemini }) => gemini.fail({ on: "file", sizeBytes: "0", times: 9 }),
    ends: "model_unavailable",
    requests: { ...never, get: 3, open: 3, start: 3, bytes: 3, delete: 3 },
  },
  {
    what: "a file that is gone as soon as it was uploaded",
    inject: ({ gemini }) => gemini.fail({ on: "file", gone: true }),
    ends: "used",
    requests: { get: 2, open: 2, start: 2, bytes: 2, count: 2 },
  },
  {
    what: "a file that is gone when the model is asked about it",
    inject: vanishBeforeUse,
    ends: "used",
    requests: { get: 2, open: 2, start: 2, bytes: 2, listen: 2 },
  },
  {
    what: "files that vanish again and again",
    inject: ({ gemini }) => gemini.fail({ on: "file", gone: true, times: 9 }),
    ends: "file_gone",
    requests: { get: 2, open: 2, start: 2, bytes: 2, count: 2, listen: 0, delete: 2 },
  },
  {
    what: "an object whose MD5 is another, once",
    only: "google-cloud",
    inject: ({ gemini }) => gemini.fail({ on: "file", md5Hash: OTHER_MD5 }),
    ends: "used",
    requests: { get: 2, open: 2, start: 2, bytes: 2, delete: 2 },
  },
  {
    what: "objects whose MD5 is the same other: then Storage's ETag is none",
    only: "google-cloud",
    inject: ({ gemini }) => gemini.fail({ on: "file", md5Hash: OTHER_MD5, times: 9 }),
    ends: "used",
    requests: { get: 2, open: 2, start: 2, bytes: 2, delete: 2 },
  },
  {
    what: "a deletion that fails twice",
    inject: ({ gemini }) => gemini.fail({ on: "delete", status: 500, times: 2 }),
    ends: "used",
    requests: { delete: 3 },
  },
  {
    what: "a deletion that fails as often as it is tried",
    inject: ({ gemini }) => gemini.fail({ on: "delete", status: 500, times: 3 }),
    ends: "used",
    // Then by whoever has nothing else to do, with the picture's.
    requests: { delete: 5 },
    also({ lines }) {
      const told = lines.find(({ event }) => event === "file_not_deleted");
      assert(told?.summary_id && told.recording_id);
      assertEquals(told.level, "warn");
    },
  },
]);
