import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Clock } from "../../../supabase/functions/generate-summary/core/clock.ts";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import { askForSummary } from "../../../supabase/functions/generate-summary/http/ask.ts";
import { createQueue } from "../../../supabase/functions/generate-summary/job/queue.ts";
import { fakeClock } from "../fake_clock.ts";
import {
  assertRefused,
  CLINIC,
  COMPLETED,
  CONSULTATION,
  fakeDataApi,
  openApp,
  SUMMARY,
  USER,
} from "../opened_app.ts";

Deno.test("a user gets the summary, with what became of each file", async () => {
  const { asUser, asked } = openApp();
  const { status, body } = await asUser({ consultation_id: CONSULTATION, submitted_by: "nurse" });
  assertEquals(status, 200);
  const [{ p_token, ...rest }] = asked;
  assert(p_token);
  assertEquals(rest, {
    p_consultation: CONSULTATION,
    p_user: USER,
    p_template: undefined,
    p_submitted_by: "nurse",
  });
  assertEquals(asked.length, 1);
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
  assertEquals([answer.status, answer.body], [202, { summary_id: SUMMARY, status: "queued" }]);
});

Deno.test("a summary under way that asks for something else is named", async () => {
  const active = { outcome: "active", summary_id: SUMMARY, status: "processing" } as const;
  const { asUser, taken } = openApp({ requested: { ...active, same: false } });
  const answer = await asUser({ consultation_id: CONSULTATION });
  assertRefused(answer, "already_running");
  assertEquals(answer.body.error.summary_id, SUMMARY);
  assertEquals(taken, []);

  const same = openApp({ requested: { ...active, same: true } });
  assertEquals((await same.asUser({ consultation_id: CONSULTATION })).status, 200);
  assertEquals(same.taken, [SUMMARY]);
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
const CLAIMED = {
  outcome: "claimed",
  job: {
    summary_id: SUMMARY,
    clinic_id: CLINIC,
    consultation_id: CONSULTATION,
    attempt: 1,
    max_attempts: 5,
  },
};

/**
 * A summary asked for: what the queue answers, what the row is each time that it is looked at (the
 * last from then on; an error as such), and whether the work here ends before the time to answer.
 */
function asking(
  { requested = QUEUED, rows, done = true }: {
    requested?: object;
    rows: (object | null | number)[];
    done?: boolean;
  },
) {
  const plain = fakeClock();
  // Where the work here ends, the wait for the time to answer is called off before it is over.
  const clock: Clock = {
    ...plain,
    sleep: (ms, signal) =>
      done && signal
        ? new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
        : plain.sleep(ms, signal),
  };
  const began = clock.now();
  const worked: [what: string, id: string, token?: string][] = [];
  const tokens: unknown[] = [];
  const ending = done ? Promise.resolve() : new Promise<void>(() => {});
  let looked = 0;
  const { dataApi } = fakeDataApi(() => {
    const row = rows[Math.min(looked++, rows.length - 1)];
    return typeof row === "number"
      ? Response.json({ message: "away" }, { status: row })
      : Response.json(row ? [row] : []);
  });
  const queue = createQueue({
    rpc(_name, args) {
      tokens.push((args as { p_token: string }).p_token);
      return {
        abortSignal: () => Promise.resolve({ data: requested, error: null, status: 200 }),
      };
    },
  }, clock);
  const ask = (wait = true, deadline = clock.now() + 130_500) =>
    askForSummary({ consultation: CONSULTATION, user: USER }, wait, {
      queue,
      worker: {
        start: (job, token) => {
          worked.push(["start", job.summary_id, token]);
          return ending;
        },
        take: (id) => {
          worked.push(["take", id]);
          return ending;
        },
        releaseAll: () => Promise.resolve(),
      },
      dataApi,
      clock,
      log: createLog(() => {}),
      deadline,
    });
  return {
    ask,
    worked,
    tokens,
    slept: plain.slept,
    looked: () => looked,
    passed: () => clock.now() - began,
  };
}

const row = (changes: object) => ({ ...COMPLETED, ...changes });

Deno.test("what was claimed is begun here, with the token that it was claimed with", async () => {
  const { ask, worked, tokens } = asking({ requested: CLAIMED, rows: [COMPLETED] });
  assertEquals((await ask()).status, "completed");
  assertEquals(worked, [["start", SUMMARY, tokens[0] as string]]);
});

Deno.test("what waits in the queue is taken here: its hint may be lost", async () => {
  const { ask, worked } = asking({ rows: [COMPLETED] });
  await ask();
  assertEquals(worked, [["take", SUMMARY]]);
});

Deno.test("while the work goes on elsewhere the row is looked at every second", async () => {
  const under = row({ status: "processing" });
  const { ask, slept } = asking({ rows: [under, row({ status: "queued" }), under, COMPLETED] });
  assertEquals((await ask()).status, "completed");
  assertEquals(slept, [1000, 1000, 1000]);
});

Deno.test("when the time to answer has come the status is the answer", async () => {
  const { ask, passed } = asking({ rows: [row({ status: "processing" })], done: false });
  assertEquals(await ask(), { summary_id: SUMMARY, status: "processing" });
  assertEquals(passed(), 120_500);
});

Deno.test("no longer than Supabase waits, however long the isolate lives", async () => {
  const { ask, passed } = asking({ rows: [row({ status: "processing" })], done: false });
  assertEquals((await ask(true, Number.MAX_SAFE_INTEGER)).status, "processing");
  assertEquals(passed(), 140_000);
});

Deno.test("who doesn't wait is answered from the first look", async () => {
  const { ask, passed, looked } = asking({ rows: [row({ status: "queued" })], done: false });
  assertEquals((await ask(false)).status, "queued");
  assertEquals([passed(), looked()], [0, 1]);
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
