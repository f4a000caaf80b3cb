/** An upload whose bytes do not all arrive at once. */
import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { testCases, wav } from "./cases.ts";
import type { Scene } from "./harness.ts";

/** Less than a minute, which is heard in one answer. */
const SIZE = 1_900_000;
const recording = wav(SIZE);
const newer = wav(SIZE);
newer.bytes.reverse().set(recording.bytes.subarray(0, 16));
const FIRST = /^bytes=0-$/;
const RESUMED = /^bytes=[1-9]\d*-$/;

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const uploads = ({ gemini }: Scene) => gemini.requests.filter(({ kind }) => kind === "bytes");

/** The file that was read is the recording, in one piece. */
function assertWhole(scene: Scene, bytes = recording.bytes): void {
  assertEquals(uploads(scene).at(-1)?.sha256, sha256(bytes));
}

/** The second part begins where the first one broke off, and no byte was sent twice. */
function assertResumed(scene: Scene, share?: number): void {
  const { offset = 0, contentLength } = uploads(scene).at(-1)!;
  assert(offset > 0, "nothing of the first part arrived");
  const { granularity } = scene.gemini;
  if (share) assertEquals(offset, SIZE * share - SIZE * share % granularity);
  assertEquals(contentLength, SIZE - offset);
  assertWhole(scene);
}

/** Somebody overwrites the recording's object. */
async function overwrite({ stack }: Scene, path: string): Promise<void> {
  const answer = await fetch(`${stack.url}/storage/v1/object/consultations/${path}`, {
    method: "POST",
    headers: { apikey: stack.keys.secret, "content-type": newer.type, "x-upsert": "true" },
    body: newer.bytes as Uint8Array<ArrayBuffer>,
  });
  assertEquals([answer.status, (await answer.json()).Key], [200, `consultations/${path}`]);
}

testCases([
  {
    what: "a source that breaks at 40 %",
    recording,
    inject: ({ stack }) =>
      stack.services.storage.faults.push({ range: FIRST, breakAt: SIZE * 0.4 }),
    ends: "used",
    requests: { open: 2, bytes: 2, query: 1 },
    also: (scene) => assertResumed(scene),
  },
  {
    what: "a connection to Gemini that breaks at 60 %",
    recording,
    inject: ({ gemini }) => gemini.fail({ on: "bytes", breakAt: 0.6 }),
    ends: "used",
    requests: { open: 2, bytes: 2, query: 1 },
    also: (scene) => assertResumed(scene, 0.6),
  },
  {
    what: "an upload whose answer is lost",
    recording,
    inject: ({ gemini }) => gemini.fail({ on: "bytes", loseAnswer: true }),
    ends: "used",
    requests: { query: 1, get: 2 },
    also: (scene) => assertWhole(scene),
  },
  ...([308, 412] as const).map((status) => ({
    what: `${status} with another offset`,
    // There it is the precondition that the name be free.
    only: status === 412 ? "gemini-api" as const : undefined,
    recording,
    inject: ({ gemini }: Scene) => gemini.fail({ on: "bytes", breakAt: 0.25, status }),
    ends: "used" as const,
    requests: { open: 2, bytes: 2, query: 1 },
    also: (scene: Scene) => assertResumed(scene, 0.25),
  })),
  ...[404, 410, 499].map((status) => ({
    what: `a session that is gone (${status}) when it is asked`,
    only: "google-cloud" as const,
    recording,
    inject({ gemini }: Scene) {
      gemini.fail({ on: "bytes", breakAt: 0.5 });
      gemini.fail({ on: "query", status });
    },
    ends: "used" as const,
    requests: { get: 2, open: 2, start: 2, bytes: 2, query: 1 },
    also: (scene: Scene) => assertWhole(scene),
  })),
  {
    what: "a 308 that is a redirect",
    only: "google-cloud",
    recording,
    inject({ gemini }) {
      const headers = { location: gemini.url, range: `bytes=0-${SIZE - 1}` };
      gemini.fail({ on: "bytes", breakAt: 0.5, status: 308, headers });
      gemini.fail({ on: "query", status: 308, headers, times: 2 });
    },
    ends: "used",
    requests: { open: 2, bytes: 2, query: 3 },
    also: (scene) => assertResumed(scene, 0.5),
  },
  {
    what: "an upload that Gemini cancels",
    recording,
    inject: ({ gemini }) => gemini.fail({ on: "bytes", cancelled: true }),
    ends: "used",
    requests: { get: 2, open: 2, start: 2, bytes: 2 },
    also: (scene) => assertWhole(scene),
  },
  {
    what: "an upload that Gemini has cancelled when it is asked",
    recording,
    inject({ gemini }) {
      gemini.fail({ on: "bytes", breakAt: 0.5 });
      gemini.fail({ on: "query", cancelled: true });
    },
    ends: "used",
    requests: { get: 2, open: 2, start: 2, bytes: 2, query: 1 },
    also: (scene) => assertWhole(scene),
  },
  {
    what: "an object that is overwritten between the two parts",
    recording,
    inject(scene, path) {
      const { faults } = scene.stack.services.storage;
      faults.push({ range: FIRST, breakAt: SIZE * 0.4 });
      faults.push({ range: RESUMED, before: () => overwrite(scene, path) });
    },
    ends: "used",
    // What may be left of both versions is deleted once more, with the picture's.
    requests: { peek: 2, get: 2, open: 3, start: 2, bytes: 2, query: 1, delete: 4 },
    also: (scene) => assertWhole(scene, newer.bytes),
  },
  {
    what: "an upload of which nothing ever arrives",
    recording,
    inject: ({ gemini }) => gemini.fail({ on: "bytes", reset: true, times: 99 }),
    ends: "model_unavailable",
    requests: { open: 4, bytes: 4, query: 4, count: 0, listen: 0, delete: 0 },
  },
  {
    what: "an upload that never ends",
    recording,
    inject: ({ gemini }) => gemini.fail({ on: "bytes", hang: true }),
    ends: "model_unavailable",
    requests: { count: 0, listen: 0, delete: 0 },
  },
  ...(["gzip", "chunked"] as const).map((how) => ({
    what: `a source that answers ${how}`,
    recording,
    inject: ({ stack }: Scene) => stack.services.storage.faults.push({ range: FIRST, [how]: true }),
    ends: "storage_unavailable" as const,
    requests: { bytes: 0, count: 0, listen: 0, delete: 0 },
  })),
  {
    what: "a source that redirects",
    recording,
    inject: ({ stack, gemini }) =>
      stack.services.storage.faults.push({ range: FIRST, redirect: gemini.url, times: 99 }),
    ends: "storage_unavailable",
    requests: { open: 4, bytes: 0, count: 0, listen: 0, delete: 0 },
  },
]);
