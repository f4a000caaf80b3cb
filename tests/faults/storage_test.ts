/** A Storage that does not give the recording out. */
import { NOT_UPLOADED, testCases, wav } from "./cases.ts";
import type { Scene } from "./harness.ts";

const PEEK = /^bytes=0-\d+$/;
const LIMIT = 50 * 1024 * 1024;

const answers = (status: number, times = 1) => ({ stack }: Scene) =>
  stack.services.storage.faults.push({ range: PEEK, status, times });

/** No Storage of a project takes it by then: what it says of the object, and the row, are changed. */
const enlarge = ({ stack }: Scene, path: string) =>
  stack.sql.begin(async (tx) => {
    const size = LIMIT + 1;
    await tx`
      update storage.objects set metadata = jsonb_set(metadata, '{size}', ${String(size)}::jsonb)
      where name = ${path}`;
    await tx`update public.recordings set size_bytes = ${size} where object_path = ${path}`;
  });

testCases([
  {
    what: "404",
    inject: answers(404),
    ends: "file_missing",
    requests: NOT_UPLOADED,
  },
  {
    what: "403",
    inject: answers(403),
    ends: "file_forbidden",
    requests: NOT_UPLOADED,
  },
  {
    what: "500, then fine",
    inject: answers(500),
    ends: "used",
    requests: { peek: 2 },
  },
  {
    what: "500 each time",
    inject: answers(500, 9),
    ends: "storage_unavailable",
    requests: { ...NOT_UPLOADED, peek: 4, delete: 0 },
  },
  {
    what: "500 when the bytes are asked for, then fine",
    inject: ({ stack }) => stack.services.storage.faults.push({ range: /=0-$/, status: 500 }),
    ends: "used",
    requests: { open: 2 },
  },
  {
    what: "an object of 0 bytes",
    recording: { bytes: new Uint8Array(), type: "audio/webm", ending: "webm" },
    inject: () => {},
    ends: "file_empty",
    // Its row says so.
    requests: { ...NOT_UPLOADED, peek: 0, delete: 0 },
  },
  {
    what: "an object of exactly 50 MiB",
    recording: wav(LIMIT),
    inject: () => {},
    ends: "used",
    // 27 minutes, of which little is said: it is asked whether that is all.
    requests: { listen: 2 },
  },
  {
    what: "an object of one byte more",
    recording: wav(10_000),
    inject: enlarge,
    ends: "file_too_large",
    requests: NOT_UPLOADED,
  },
]);
