/** The worker's calls, as tests make them. */
import type postgres from "postgres";

type Sql = postgres.Sql | postgres.TransactionSql;

export interface UsedFile {
  recording_id: string;
  object_version: string;
  take?: number;
  outcome?: "used" | "partial" | "failed";
  code?: string;
}

const result = {
  sections: [{ title: "Symptoms", statements: [] }],
  summary: "# Symptoms",
  model: "model",
  prompt_version: "1",
  usage: { calls: 1 },
};

export function newToken(): string {
  return crypto.randomUUID();
}

export async function request(sql: Sql, asked: {
  consultation: string;
  user: string;
  template?: Record<string, string>;
  submittedBy?: string;
  session?: Record<string, string>;
}) {
  const session = asked.session ?? { session_id: asked.user };
  const [{ answer }] = await sql`select public.request_summary(${asked.consultation}, ${asked.user},
    ${asked.template ? sql.json(asked.template) : null}, ${asked.submittedBy ?? null},
    ${sql.json(session)}) as answer`;
  return answer;
}

/** Takes whatever is next: a test that has one summary in its database gets that one. */
export async function claimNext(sql: Sql, token = newToken(), leaseSeconds = 60) {
  const [{ answer }] = await sql`select public.claim_next(${token}, ${leaseSeconds}) as answer`;
  return answer;
}

/** Claims this one, due or not, as if nothing else waited: for tests that are not about turns. */
export async function claim(sql: Sql, id: string, token = newToken(), leaseSeconds = 60) {
  await makeDue(sql, id);
  await sql`update summaries_private.summary_jobs set run_after = run_after + interval '36500 days'
    where run_after is not null and summary_id <> ${id}`;
  const answer = await claimNext(sql, token, leaseSeconds);
  await sql`update summaries_private.summary_jobs set run_after = run_after - interval '36500 days'
    where run_after > clock_timestamp() + interval '18250 days'`;
  await sql`select summaries_private.note_turns()`;
  return answer;
}

export async function heartbeat(sql: Sql, id: string, token: string, stage = "composing") {
  const [{ answer }] =
    await sql`select public.heartbeat_summary(${id}, ${token}, ${stage}) as answer`;
  return answer as boolean;
}

/** What the worker would name as looked at: the recordings that are there now, all of them used. */
export async function inputs(sql: Sql, id: string): Promise<UsedFile[]> {
  const [{ answer }] = await sql`select summaries_private.inputs(${id}) as answer`;
  return answer.recordings.map(({ recording_id, object_version, take }: UsedFile) => (
    { recording_id, object_version, take, outcome: "used" }
  ));
}

/** The outcome alone. */
export async function complete(
  sql: Sql,
  id: string,
  token: string,
  used?: UsedFile[],
  leftFiles = false,
): Promise<string> {
  return (await completeAndNext(sql, id, token, null, used, leftFiles)).outcome;
}

/** `nextToken`: under which the next one is claimed with the same slot. */
export async function completeAndNext(
  sql: Sql,
  id: string,
  token: string,
  nextToken: string | null = newToken(),
  used?: UsedFile[],
  leftFiles = false,
  leaseSeconds = 60,
  calls: object[] = [],
) {
  const files = used ?? await inputs(sql, id);
  const [{ answer }] = await sql`select public.complete_summary(${id}, ${token},
    ${sql.json(files.map((file) => ({ take: 1, outcome: "used", ...file })))},
    ${sql.json({ ...result, left_files: leftFiles })}, ${nextToken}, ${leaseSeconds},
    ${sql.json(calls as never)}) as answer`;
  return answer;
}

export async function save(
  sql: Sql,
  id: string,
  token: string,
  file: { recording: string; version: string },
  part = 0,
  stage: string | null = null,
  { take = 1, isLast = true, calls = [] as object[] } = {},
): Promise<string> {
  return (await saveAndAsk(sql, id, token, file, part, stage, { take, isLast, calls })).outcome;
}

/** With whether another call may be paid for. */
export async function saveAndAsk(
  sql: Sql,
  id: string,
  token: string,
  file: { recording: string; version: string },
  part = 0,
  stage: string | null = null,
  { take = 1, isLast = true, calls = [] as object[] } = {},
): Promise<{ outcome: string; may_spend: boolean }> {
  const [{ answer }] = await sql`select public.save_extraction(${id}, ${token}, ${file.recording},
    ${file.version}, ${
    sql.json({
      take,
      part,
      from_seconds: part * 600,
      to_seconds: null,
      is_last: isLast,
      segments: [{ kind: "speech", text: "…" }],
      found: { content: true },
      model: "model",
      prompt_version: "1",
      usage: {},
    })
  }, ${stage}, ${sql.json(calls as never)}) as answer`;
  return answer;
}

export type Fault = "final" | "own" | "limit" | "provider" | "account" | "budget";

export async function fail(
  sql: Sql,
  id: string,
  token: string,
  { fault = "own", retryAfter = null, used = [], leftFiles = false, usable = false }: {
    fault?: Fault;
    retryAfter?: number | null;
    /** Those that failed have the code `model_unavailable`. */
    used?: UsedFile[];
    leftFiles?: boolean;
    usable?: boolean;
  } = {},
): Promise<{ outcome: string; run_after?: string }> {
  const [{ answer }] = await sql`select public.fail_summary(${id}, ${token}, 'model_unavailable',
    'The model does not answer.', ${fault}, ${retryAfter},
    ${sql.json(used.map((file) => ({ take: 1, outcome: "used", ...file })))}, ${leftFiles},
    ${usable}) as answer`;
  return answer;
}

/** `late`: its time was up; else its isolate goes. */
export async function release(sql: Sql, id: string, token: string, late = false): Promise<boolean> {
  const [{ answer }] = await sql`select public.release_summary(${id}, ${token}, ${late}) as answer`;
  return answer;
}

/** `id`: the summary whose files are gone at Gemini. */
export async function cleaned(sql: Sql, token: string, id: string | null): Promise<boolean> {
  const [{ answer }] = await sql`select public.cleaned_summary(${token}, ${id}) as answer`;
  return answer;
}

/** It commits step by step, so it can't be part of a transaction. */
export async function sweep(sql: postgres.Sql): Promise<void> {
  const [{ command }] = await sql`select command from cron.job where jobname = 'sweep-summaries'`;
  await sql.unsafe(command);
}

/** As if a minute and more had passed without a heartbeat. */
export async function expireLease(sql: Sql, id: string): Promise<void> {
  await sql`update summaries_private.slots
    set lease_expires_at = clock_timestamp() - interval '1 second' where summary_id = ${id}`;
}

/** As if the time to wait had passed. */
export async function makeDue(sql: Sql, id: string): Promise<void> {
  const [job] = await sql`update summaries_private.summary_jobs
    set run_after = clock_timestamp() where summary_id = ${id} and run_after is not null
    returning clinic_id, run_after::text`;
  if (job) {
    await sql`select summaries_private.queue_up(${job.clinic_id},
      ${job.run_after}::text::timestamptz)`;
  }
}

/** As if the next probe's time had come. */
export async function endPause(sql: Sql): Promise<void> {
  await sql`update summaries_private.breaker
    set paused_until = clock_timestamp() where only_row and reason is not null`;
}

/** As if all summaries had been asked for so much earlier. */
export async function age(sql: postgres.Sql, minutes: number): Promise<void> {
  await sql.begin(async (tx) => {
    // It lets nobody change the past.
    await tx`alter table public.summaries disable trigger guard_summary`;
    await tx`update public.summaries set
      created_at = created_at - make_interval(mins => ${minutes}),
      updated_at = updated_at - make_interval(mins => ${minutes}) where true`;
    await tx`alter table public.summaries enable trigger guard_summary`;
  });
}

export async function summaryRow(sql: Sql, id: string) {
  const [row] = await sql`
    select s.*, j.attempts, j.fruitless, j.undecided, j.run_after, j.cleanup, j.cleanup_after,
      j.lease_token, j.progressed, x.lease_expires_at, x.id as slot
    from public.summaries s
    left join summaries_private.summary_jobs j on j.summary_id = s.id
    left join summaries_private.slots x on x.summary_id = s.id
    where s.id = ${id}`;
  return row;
}

/** A call of the model as a worker tells it. */
export const paidCall = (changes: object = {}) => ({
  id: crypto.randomUUID(),
  at: "2026-11-20T10:00:00Z",
  recording_id: null,
  purpose: "extract",
  model: "gemini-3.8-flash",
  input_tokens: 0,
  audio_tokens: 0,
  cached_tokens: 0,
  output_tokens: 0,
  thought_tokens: 0,
  ms: 1000,
  outcome: "ok",
  estimated: false,
  ...changes,
});
