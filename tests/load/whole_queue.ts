/** A queue of summaries for the whole stack, and what was seen while it was worked off. */
import { createClient } from "@supabase/supabase-js";
import type { Stack } from "../../local/stack/stack.ts";
import { sample } from "../e2e/harness.ts";

/** Queued summaries, each of a consultation of its own with one recording. */
export interface Queued {
  clinics: string[];
  count: number;
}

export interface Seen {
  /** From the first claim to the last result, by the database's clock. */
  seconds: number;
  /** Of each summary, in milliseconds: from its last claim to its result. */
  took: number[];
  /** Requests that pg_net was given. */
  hints: number;
  /** Calls of the database's functions, by name. */
  calls: Map<string, number>;
  /** The function's, of all isolates together. */
  cpuMs: number;
  /** Isolates that were started. */
  isolates: number;
}

const PER_CLINIC = 50;
const AT_ONCE = 8;
const LOOK_MS = 100;
/** What has no end is left by then: whoever asked says what it is. */
const PATIENCE_MS = 12 * 60_000;

/** Uploads a recording for each, clinic by clinic; nobody works on them until `work`. */
export async function queue(
  stack: Stack,
  count: number,
  sizes = Array.from(
    { length: Math.ceil(count / PER_CLINIC) },
    (_, clinic) => Math.min(PER_CLINIC, count - clinic * PER_CLINIC),
  ),
  recorded = sample("consultation.webm"),
): Promise<Queued> {
  const { sql, url, keys } = stack;
  await setCap(stack, 0);
  const rows: { clinic_id: string; id: string }[] = [];
  for (const size of sizes) {
    const [{ id: clinic }] = await sql`
      insert into public.clinics (name) values ('Clinic') returning id`;
    rows.push(
      ...await sql<{ clinic_id: string; id: string }[]>`
        insert into public.consultations (clinic_id)
        select ${clinic} from generate_series(1, ${size}::int) returning clinic_id, id`,
    );
  }
  const type = "audio/webm";
  const recording = new Blob([await Deno.readFile(recorded)], { type });
  const { storage } = createClient(url, keys.secret, { auth: { persistSession: false } });
  const waiting = rows.toReversed();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let row = waiting.pop(); row; row = waiting.pop()) {
      const path = `${row.clinic_id}/${row.id}/${crypto.randomUUID()}.webm`;
      const { error } = await storage.from("consultations")
        .upload(path, recording, { contentType: type });
      if (error) throw error;
    }
  }));
  return { clinics: [...new Set(rows.map(({ clinic_id }) => clinic_id))], count };
}

/** Has them worked off, at most `cap` at once, as if the sweep had just found them. */
export async function work(
  stack: Stack,
  { clinics, count }: Queued,
  { cap }: { cap: number },
): Promise<Seen> {
  const { sql, services, functions, cron } = stack;
  const calls = new Map<string, number>();
  services.between = async (request, pass) => {
    const [, name] = /\/rpc\/(\w+)$/.exec(new URL(request.url).pathname) ?? [];
    if (name) calls.set(name, (calls.get(name) ?? 0) + 1);
    return await pass();
  };
  const used = () => functions.lives().reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const hints = async () =>
    Number((await sql`select last_value from net.http_request_queue_id_seq`)[0].last_value);
  const before = { cpuMs: used(), hints: await hints(), isolates: functions.lives().length };
  const deadline = Date.now() + PATIENCE_MS;
  await setCap(stack, cap);
  await cron.runNow("sweep-summaries");
  const left = async () =>
    (await sql`
      select from public.summaries
      where clinic_id in ${sql(clinics)} and status in ('queued', 'processing')`).count;
  while (await left() > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  services.between = undefined;
  const times = await sql<{ from: Date; to: Date }[]>`
    select started_at as from, completed_at as to from public.summaries
    where clinic_id in ${sql(clinics)} and status = 'completed'`;
  if (times.length === 0) throw new Error(`None of ${count} summaries was completed.`);
  const [{ first }] = await sql`
    select min(at) as first from public.summary_events
    where clinic_id in ${sql(clinics)} and detail ->> 'to' = 'processing'`;
  return {
    seconds: (Math.max(...times.map(({ to }) => +to)) - +first) / 1000,
    took: times.map(({ from, to }) => +to - +from),
    hints: await hints() - before.hints,
    calls,
    cpuMs: used() - before.cpuMs,
    isolates: functions.lives().length - before.isolates,
  };
}

/** Claims that ended in no result, since their isolate went: the summary was claimed once more. */
export async function retaken({ sql }: Stack, clinics: string[]): Promise<number> {
  const [{ count }] = await sql`
    select count(*)::int from public.summary_events
    where event = 'status' and clinic_id in ${sql(clinics)}
      and detail ->> 'from' = 'processing' and detail ->> 'to' in ('queued', 'processing')`;
  return count;
}

/** Summaries with another number of results than one. */
export async function doubled({ sql }: Stack): Promise<number> {
  const [{ count }] = await sql`
    select count(*)::int from (
      select from public.summary_events where detail ->> 'to' = 'completed'
      group by summary_id having count(*) <> 1) twice`;
  return count;
}

/** Replayed from the events: a slot is counted as free before others can see that it is. */
export async function mostInFlight({ sql }: Stack): Promise<number> {
  const [{ most }] = await sql`
    select max(busy)::int as most from (
      select sum(case
          when detail ->> 'from' = detail ->> 'to' then 0
          when detail ->> 'to' = 'processing' then 1
          when detail ->> 'from' = 'processing' then -1 end) over (order by at, id) as busy
      from public.summary_events where event = 'status') as replay`;
  return most;
}

async function setCap({ sql }: Stack, cap: number): Promise<void> {
  await sql`update summaries_private.settings set max_in_flight = ${cap} where only_row`;
}
