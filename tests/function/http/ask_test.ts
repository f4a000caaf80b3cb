import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Clock } from "../../../supabase/functions/generate-summary/core/clock.ts";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import { askForSummary } from "../../../supabase/functions/generate-summary/http/ask.ts";
import { fakeClock, settled } from "../fake_clock.ts";
import { fakeQueue } from "../fake_queue.ts";
import {
  assertRefused,
  COMPLETED,
  CONSULTATION,
  fakeDataApi,
  openApp,
  SESSION,
  SUMMARY,
  USER,
} from "../opened_app.ts";

Deno.test("a user gets the summary, with what became of each file", async () => {
  const { asUser, asked, wakes } = openApp();
  const { status, body } = await asUser({ consultation_id: CONSULTATION, submitted_by: "nurse" });
  assertEquals(status, 200);
  assertEquals(asked, [{
    p_consultation: CONSULTATION,
    p_user: USER,
    p_template: undefined,
    p_submitted_by: "nurse",
    p_session: { session_id: SESSION, aal: "aal1", client_id: undefined },
  }]);
  assertEquals(wakes(), 1);
  assertEquals(body.files_processed, {
    audio: 1,
    images: 0,
    errors: [{ path: "b", code: "file_type", message: "Not audio." }],
  });
  assertEquals([body.summary_id, body.status, body.model], [
    SUMMARY,
    "completed",
    "gemini-3.8-flash",
  ]);
});

Deno.test("a user who prefers not to wait gets 202 and the id", async () => {
  const queued = { ...COMPLETED, status: "queued" };
  const { asUser } = openApp({
    requested: { outcome: "queued", summary_id: SUMMARY, status: "queued" },
    rows: { summaries: [queued] },
  });
  const answer = await asUser({ consultation_id: CONSULTATION }, { prefer: "respond-async" });
  assertEquals([answer.status, answer.body], [202, {
    summary_id: SUMMARY,
    status: "queued",
    waiting_for: null,
  }]);
});

Deno.test("a summary under way that asks for something else is named", async () => {
  const active = { outcome: "active", summary_id: SUMMARY, status: "processing" } as const;
  const { asUser, wakes } = openApp({ requested: { ...active, same: false } });
  const answer = await asUser({ consultation_id: CONSULTATION });
  assertRefused(answer, "already_running");
  assertEquals(answer.body.error.summary_id, SUMMARY);
  assertEquals(wakes(), 0);

  const same = openApp({ requested: { ...active, same: true } });
  assertEquals((await same.asUser({ consultation_id: CONSULTATION })).status, 200);
  assertEquals(same.wakes(), 1);
});

Deno.test("what the database refuses is told, with the time to wait", async () => {
  const { asUser } = openApp({
    requested: { outcome: "refused", code: "rate_limited", retry_after: 600 },
  });
  const answer = await asUser({ consultation_id: CONSULTATION });
  assertRefused(answer, "rate_limited");
  assertEquals(answer.headers.get("retry-after"), "600");
});

Deno.test("a failed summary is its error to the user who waits", async () => {
  const failed = { ...COMPLETED, status: "failed", error_code: "no_clinical_content" };
  const { asUser } = openApp({ rows: { summaries: [failed] } });
  assertRefused(await asUser({ consultation_id: CONSULTATION }), "no_clinical_content");
});

const QUEUED = { outcome: "queued", summary_id: SUMMARY, status: "queued" };

/**
 * A summary asked for, what the row is each time that it is looked at (the last from then on; an error
 * as such), and whether a run here ends before that look: `true` for each that does.
 */
function asking(
  { requested = QUEUED, rows, endsHere = [], hangsUpAfter = Infinity }: {
    requested?: object;
    /** So many pauses, the user waits no more. */
    hangsUpAfter?: number;
    rows: (object | null | number)[];
    endsHere?: boolean[];
  },
) {
  const plain = fakeClock();
  const slept: number[] = [];
  let passed = 0;
  // What is called off before it is over takes no time.
  const clock: Clock = {
    ...plain,
    now: () => plain.now() + passed,
    async sleep(ms, signal) {
      await settled();
      signal?.throwIfAborted();
      slept.push(ms);
      if (slept.length > hangsUpAfter) hungUp.abort();
      signal?.throwIfAborted();
      passed += ms;
    },
  };
  const hungUp = new AbortController();
  const waitedFor: string[] = [];
  let wakes = 0;
  let looked = 0;
  const { dataApi } = fakeDataApi(() => {
    const row = rows[Math.min(looked++, rows.length - 1)];
    return typeof row === "number"
      ? Response.json({ message: "away" }, { status: row })
      : Response.json(row ? [row] : []);
  });
  const ask = (wait = true, deadline = clock.now() + 130_500) =>
    askForSummary({ consultation: CONSULTATION, user: USER, session: {} }, wait, {
      queue: fakeQueue({ request_summary: requested }).queue,
      worker: {
        wake() {
          wakes++;
          return Promise.resolve();
        },
        ended(id, signal) {
          assertEquals(signal.aborted, false);
          const ends = endsHere[waitedFor.length];
          waitedFor.push(id);
          return ends ? Promise.resolve() : new Promise<void>(() => {});
        },
        retire: () => {},
        releaseAll: () => Promise.resolve(),
      },
      dataApi,
      clock,
      log: createLog(() => {}),
      deadline,
    }, hungUp.signal)
      // A pause that was called off has its timer still.
      .finally(settled);
  return {
    ask,
    slept,
    waitedFor,
    wakes: () => wakes,
    looked: () => looked,
    passed: () => passed,
  };
}

const row = (changes: object) => ({ ...COMPLETED, ...changes });

const under = row({ status: "processing" });

Deno.test("whoever asks wakes a worker here, and is told as soon as that has ended the summary", async () => {
  const { ask, wakes, slept, waitedFor } = asking({ rows: [COMPLETED], endsHere: [true] });
  assertEquals((await ask()).status, "completed");
  assertEquals([wakes(), slept, waitedFor], [1, [], [SUMMARY]]);
});

Deno.test("one that was under way wakes a worker, too: its hint may be lost", async () => {
  const active = { outcome: "active", summary_id: SUMMARY, status: "queued", same: true };
  const { ask, wakes } = asking({ requested: active, rows: [COMPLETED] });
  await ask();
  assertEquals(wakes(), 1);
});

Deno.test("while the work goes on elsewhere the row is looked at, after longer and longer pauses", async () => {
  const { ask, slept, wakes } = asking({ rows: [...Array(6).fill(under), COMPLETED] });
  assertEquals((await ask()).status, "completed");
  assertEquals(slept, [500, 1000, 2000, 4000, 5000, 5000, 5000]);
  assertEquals(wakes(), 1);
});

Deno.test("a run here that ends with the summary back in the queue is waited on from, not for", async () => {
  const queued = row({ status: "queued" });
  const { ask, slept, looked } = asking({
    rows: [queued, queued, COMPLETED],
    endsHere: [true],
  });
  assertEquals((await ask()).status, "completed");
  assertEquals([slept, looked()], [[1000, 2000], 3]);
});

Deno.test("when the time to answer has come the status is the answer", async () => {
  const { ask, passed } = asking({ rows: [under] });
  assertEquals(await ask(), {
    summary_id: SUMMARY,
    status: "processing",
    waiting_for: null,
  });
  assertEquals(passed(), 120_500);
});

Deno.test("whoever waits for one whose budget is spent is told so at once: it takes until tomorrow", async () => {
  const { ask, looked } = asking({
    rows: [row({ status: "queued", waiting_for: "budget" })],
    endsHere: [true],
  });
  const answer = { summary_id: SUMMARY, status: "queued", waiting_for: "budget" };
  assertEquals([await ask(), looked()], [answer, 1]);
});

Deno.test("whoever has hung up is waited for no longer, and nothing is read any more", async () => {
  const { ask, passed, looked } = asking({ rows: [under], hangsUpAfter: 2 });
  assertEquals((await ask()).status, "queued");
  assertEquals([passed(), looked()], [1500, 2]);
});

Deno.test("no longer than Supabase waits, however long the isolate lives", async () => {
  const { ask, passed } = asking({ rows: [under] });
  assertEquals((await ask(true, Number.MAX_SAFE_INTEGER)).status, "processing");
  assertEquals(passed(), 140_000);
});

Deno.test("who doesn't wait is answered from the first look", async () => {
  const { ask, passed, looked, wakes } = asking({ rows: [row({ status: "queued" })] });
  assertEquals((await ask(false)).status, "queued");
  assertEquals([passed(), looked(), wakes()], [0, 1, 1]);
});

for (
  const [what, last, code, message] of [
    ["that was cancelled", row({ status: "cancelled" }), "cancelled", undefined],
    ["that is gone", null, "not_found", undefined],
    ["that can't be read", 500, "database_unavailable", undefined],
    [
      "that failed",
      row({ status: "failed", error_code: "file_empty", error_message: "Record it again." }),
      "file_empty",
      "Record it again.",
    ],
    [
      "that failed with a code of another version",
      row({ status: "failed", error_code: "not_known_here" }),
      "internal",
      undefined,
    ],
    ["that failed without a code", row({ status: "failed" }), "internal", undefined],
  ] as const
) {
  Deno.test(`a summary ${what} is ${code}`, async () => {
    const error = await assertRejects(() => asking({ rows: [last] }).ask(), AppError);
    assertEquals([error.code, error.message], [code, message ?? new AppError(code).message]);
  });
}

Deno.test("pictures and recordings that were used are counted, failed ones are told", async () => {
  const file = (outcome: string, kind: string, path: string, code: string | null = null) => (
    { outcome, code, message: code && "Why.", recordings: { kind, object_path: path } }
  );
  const { ask } = asking({
    rows: [row({
      summary_recordings: [
        file("used", "audio", "a"),
        file("used", "image", "b"),
        file("used", "image", "c"),
        file("failed", "image", "d", "file_refused"),
        file("failed", "audio", "e", "not_known_here"),
      ],
    })],
  });
  const answer = await ask();
  assert("files_processed" in answer);
  assertEquals(answer.files_processed, {
    audio: 1,
    images: 2,
    errors: [
      { path: "d", code: "file_refused", message: "Why." },
      { path: "e", code: "internal", message: "Why." },
    ],
  });
});
