/** An upload that does not begin as it should. */
import { assert } from "@std/assert";
import { invalid } from "../../local/stand_ins/gemini/refusal.ts";
import { REFUSALS } from "../../local/stand_ins/gemini/refusals.ts";
import { testCases } from "./cases.ts";
import { sample } from "./harness.ts";
import { leaveFile } from "./left_file.ts";

const consultation = await sample("consultation.webm");
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
    inject: (scene, path) => leaveFile(scene, path, consultation, { failed: true }),
    ends: "used",
    requests: { get: 2, delete: 2 },
  },
]);
