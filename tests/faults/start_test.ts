/** An upload that does not begin as it should. */
import { assert } from "@std/assert";
import { invalid } from "../../local/stand_ins/gemini/refusal.ts";
import { REFUSALS } from "../../local/stand_ins/gemini/refusals.ts";
import { CLOUD_REFUSALS } from "../../local/stand_ins/google_cloud/refusals.ts";
import { testCases } from "./cases.ts";
import { sample } from "./harness.ts";
import { leaveFile } from "./left_file.ts";

const consultation = await sample("consultation.webm");
const RIGHT = "storage.objects.create";
const notBegun = { open: 0, bytes: 0, count: 0, listen: 0 };

testCases([
  {
    what: "503 twice at the start",
    inject: ({ gemini }) => gemini.fail({ on: "start", status: 503, times: 2 }),
    ends: "used",
    requests: { start: 3 },
  },
  {
    what: "503 at every start",
    inject: ({ gemini }) => gemini.fail({ on: "start", status: 503, times: 9 }),
    ends: "model_unavailable",
    requests: { ...notBegun, start: 4, delete: 0 },
  },
  {
    what: "429 at the start with a delay",
    inject: ({ gemini }) => gemini.fail({ on: "start", refusal: REFUSALS.limited("7.3s") }),
    ends: "used",
    requests: { start: 2 },
    also: ({ lines }) =>
      assert(
        lines.some(({ event, code, ms }) =>
          event === "retry" && code === "rate_limited" && ms === 7300
        ),
      ),
  },
  {
    what: "a start that once answers without an address",
    inject: ({ gemini }) => gemini.fail({ on: "start", status: 200 }),
    ends: "used",
    requests: { start: 2 },
  },
  {
    what: "starts that never answer with an address",
    inject: ({ gemini }) => gemini.fail({ on: "start", status: 200, times: 9 }),
    ends: "model_unavailable",
    requests: { ...notBegun, start: 3, delete: 0 },
  },
  {
    what: "a bucket that the account may not write to",
    only: "google-cloud",
    inject: ({ gemini }) =>
      gemini.fail({ on: "start", refusal: CLOUD_REFUSALS.forbidden("a@b", RIGHT), times: 9 }),
    ends: "model_bucket",
    requests: { ...notBegun, start: 1, delete: 0 },
  },
  {
    what: "a bucket that is not there",
    only: "google-cloud",
    inject: ({ gemini }) =>
      gemini.fail({ on: "start", refusal: CLOUD_REFUSALS.bucket(), times: 9 }),
    ends: "model_bucket",
    requests: { ...notBegun, start: 1, delete: 0 },
  },
  {
    what: "an account whose key is deleted",
    only: "google-cloud",
    async inject(scene) {
      // The one before has a token yet.
      await scene.replaceIsolate();
      const refusal = CLOUD_REFUSALS.grant("Invalid JWT Signature.");
      scene.gemini.fail({ on: "token", refusal, times: 9 });
    },
    ends: "model_key",
    requests: { ...notBegun, get: 0, start: 0, delete: 0 },
  },
  {
    what: "tokens that nobody gives at first",
    only: "google-cloud",
    async inject(scene) {
      await scene.replaceIsolate();
      scene.gemini.fail({ on: "token", status: 503, times: 2 });
    },
    ends: "used",
  },
  {
    what: "400 on the type",
    inject: ({ gemini }) =>
      gemini.fail({ on: "start", refusal: invalid("Unsupported MIME type: audio/webm") }),
    ends: "file_rejected",
    requests: { ...notBegun, start: 1 },
  },
  {
    what: "the name taken by an ACTIVE file of that size",
    inject: (scene, path) => leaveFile(scene, path, consultation),
    ends: "used",
    requests: { open: 0, start: 0, bytes: 0 },
  },
  {
    what: "the name taken by a file of another size",
    inject: (scene, path) => leaveFile(scene, path, consultation.subarray(0, 1000)),
    ends: "used",
    requests: { get: 2, delete: 2 },
  },
  {
    what: "the name taken by a FAILED file",
    only: "gemini-api",
    inject: (scene, path) => leaveFile(scene, path, consultation, { failed: true }),
    ends: "used",
    requests: { get: 2, delete: 2 },
  },
]);
