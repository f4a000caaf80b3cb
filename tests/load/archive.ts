/** A database as years of use leave it, and the members who read in it. */
import postgres from "postgres";
import type { Database } from "../database/harness.ts";

export interface Sizes {
  clinics: number;
  /** Of all clinics. */
  consultations: number;
  /** Of the large clinic, among those. */
  large: number;
  /** Of each consultation. */
  summaries: number;
}

/** What a list is asked for: things of one clinic of the member's. */
export interface Key {
  clinic: string;
  consultation: string;
  recording: string;
  summary: string;
  /** A moment of the clinic's history, where a later page begins. */
  at: string;
}

export interface Member {
  name: string;
  /** The user's id. */
  id: string;
  keys: Key[];
}

const DAYS = 1000;
/** Clinics of the member who has many. */
const MANY = 51;

/**
 * Fills the tables that members read: each consultation with one or two recordings, and with summaries
 * of which most are drafts that a later one replaced, some failed, and the last but one is mostly
 * approved; a few have one under way. Rows lie in the order in which they would have come.
 */
export async function fill(
  db: Database,
  { clinics, consultations, large, summaries }: Sizes,
): Promise<void> {
  const sql = postgres(db.url("supabase_admin"), { max: 1, onnotice: () => {} });
  const insert = (table: string, statement: string) => insertAll(sql, table, statement);
  try {
    // Without triggers and foreign keys.
    await sql.unsafe(`
      set session_replication_role = replica;
      set synchronous_commit = off;
      set work_mem = '256MB';
      set maintenance_work_mem = '256MB';`);
    await insert(
      "public.clinics",
      `(name) select 'Clinic ' || n from generate_series(1, ${clinics}) n`,
    );
    await sql.unsafe(`
      create temporary table numbered as
      select id, row_number() over (order by id) - 1 as n from public.clinics`);
    // The first one is the large one.
    await insert(
      "public.consultations",
      `(clinic_id, created_at)
      select c.id, at
      from (
        select case when n <= ${large} then 0 else 1 + n % ${clinics - 1} end as clinic,
          now() - interval '1 minute' - random() * interval '${DAYS} days' as at
        from generate_series(1, ${consultations}) n
      ) n
      join numbered c on c.n = n.clinic
      order by at`,
    );
    await insert(
      "public.recordings",
      `(clinic_id, consultation_id, bucket_id, object_path, object_id, object_version, kind,
        declared_type, size_bytes, created_at)
      select clinic_id, id, 'consultations', clinic_id || '/' || id || '/' || gen_random_uuid() || '.webm',
        gen_random_uuid(), gen_random_uuid(), 'audio', 'audio/webm', 1000000, created_at
      from (select *, row_number() over () as n from public.consultations) c,
        lateral generate_series(1, case when n % 4 = 0 then 2 else 1 end)
      order by created_at`,
    );
    await insert(
      "public.extractions",
      `(recording_id, object_version, part, clinic_id, from_seconds, is_last, segments, found, model,
        prompt_version, usage, created_at)
      select id, object_version, 0, clinic_id, 0, true,
        jsonb_build_array(jsonb_build_object('kind', 'speech', 'speaker', 'doctor', 'start', 0,
          'text', repeat('Words that were heard. ', 10))),
        '{"speech": true, "language": "English"}', 'model', '1', '{"input_tokens": 100}', created_at
      from public.recordings
      order by created_at`,
    );
    await insert(
      "public.summaries",
      `(id, clinic_id, consultation_id, status, stage, submitted_by, sections, summary, error_code,
        review_status, approved_at, amends, supersedes, superseded_by, is_current, version, created_at, due_at, started_at,
        updated_at, ended_at, completed_at)
      select id, clinic_id, consultation_id, status, case when status = 'processing' then 'composing' end,
        'doctor',
        case when status = 'completed' then jsonb_build_array(jsonb_build_object('name', 'history',
          'statements', jsonb_build_array(jsonb_build_object('text', repeat('Text. ', 15),
            'evidence', '[1, 2]'::jsonb)))) end,
        case when status = 'completed' then consultation_id || repeat(' Words of a summary.', 15) end,
        case when status = 'failed' then 'file_missing' end,
        review, case when review = 'approved' then at end,
        case when status = 'completed' and n = ${summaries} and random() < 0.1 then approved end,
        case when n = ${summaries} and review = 'approved' then approved end,
        case when n = ${summaries - 1} then
          lead(case when review = 'approved' then id end) over (partition by consultation_id order by n)
        end,
        status = 'completed'
          and n = max(n) filter (where status = 'completed') over (partition by consultation_id),
        case when review = 'draft' then 1 else 2 end,
        at, case when status = 'queued' then at end, case when status <> 'queued' then at end, at,
        case when status not in ('queued', 'processing') then at end,
        case when status = 'completed' then at end
      from (
        select s.*, case when status = 'completed' then reviewed else 'draft' end as review
        from (
          select
            case n when ${summaries - 1} then approved else gen_random_uuid() end as id,
            approved, n, clinic_id, consultation_id,
            created_at + n * least(age / ${summaries + 1}, interval '1 hour') as at,
            case
              -- What is under way began lately.
              when n = ${summaries} and age < interval '1 hour' * random() then
                case when random() < 0.5 then 'queued' else 'processing' end
              when n = ${summaries - 1} then 'completed'
              when random() < 0.1 then 'failed'
              when random() < 0.03 then 'cancelled'
              else 'completed'
            end as status,
            case
              when n = ${summaries - 1} then 'approved'
              -- The newest waits for its review, as a rule only for some days.
              when n = ${summaries} and random() > case when age < interval '14 days' then 0.8 else 0.01 end
                then 'approved'
              when n < ${summaries} and random() < 0.2 then 'rejected'
              else 'draft'
            end as reviewed
          from (
            select id as consultation_id, clinic_id, created_at, now() - created_at as age,
              gen_random_uuid() as approved
            from public.consultations
          ) c, generate_series(1, ${summaries}) n
        ) s
      ) s
      order by at`,
    );
    await insert(
      "public.summary_recordings",
      `(summary_id, recording_id, clinic_id, object_version, outcome)
      select s.id, r.id, s.clinic_id, r.object_version, 'used'
      from public.summaries s join public.recordings r using (consultation_id)
      where s.status = 'completed'
      order by s.created_at`,
    );
    await insert(
      "public.summary_revisions",
      `(summary_id, version, clinic_id, summary, edited_at)
      select id, 1, clinic_id, summary, updated_at from public.summaries
      where version > 1
      order by updated_at`,
    );
    await sql.unsafe(`
      do $$
      declare
        v_month timestamptz;
      begin
        for n in 1..${Math.ceil(DAYS / 28)} loop
          v_month := date_trunc('month', now(), 'UTC') - make_interval(months => n);
          execute format('create table summaries_private.%I partition of public.summary_events
            for values from (%L) to (%L)', 'summary_events_' || to_char(v_month, 'YYYY_MM'),
            v_month, v_month + interval '1 month');
        end loop;
      end
      $$;
      insert into public.summary_events (clinic_id, consultation_id, summary_id, at, event, detail)
      select clinic_id, consultation_id, id, created_at, 'status', jsonb_build_object('to', status)
      from public.summaries
      order by created_at;`);
    await sql.unsafe("analyze public.summary_events");
    await insert(
      "public.clinic_members",
      `(clinic_id, user_id, role)
      select id, gen_random_uuid(), role
      from numbered, unnest(array['doctor', 'doctor', 'nurse', 'receptionist', 'admin']) role`,
    );
  } finally {
    await sql.end();
  }
}

/** The table's indexes are made when the rows are there: much faster. */
async function insertAll(sql: postgres.Sql, table: string, statement: string): Promise<void> {
  await sql`update pg_index set indisready = false where indrelid = ${table}::regclass`;
  await sql.unsafe(`insert into ${table} ${statement}`);
  await sql.unsafe(`reindex table ${table}`);
  await sql.unsafe(`vacuum analyze ${table}`);
}

/** One of the large clinic, one of a usual one, and one of many clinics; each with `count` keys. */
export async function members(db: Database, count: number): Promise<Member[]> {
  const sql = postgres(db.url("supabase_admin"), { max: 1, onnotice: () => {} });
  try {
    const clinics = (await sql`
      select clinic_id as id, count(*) from public.consultations group by 1 order by 2 desc, 1`)
      .map(({ id }) => id as string);
    const places = {
      "large clinic": clinics.slice(0, 1),
      "usual clinic": clinics.slice(MANY, MANY + 1),
      [`${MANY} clinics`]: clinics.slice(0, MANY),
    };
    const all: Member[] = [];
    for (const [name, clinics] of Object.entries(places)) {
      const id = crypto.randomUUID();
      await sql`insert into auth.users (id, email) values (${id}, ${`${id}@clinic.test`})`;
      await sql`insert into auth.sessions (id, user_id) values (${id}, ${id})`;
      await sql`
        insert into public.clinic_members (clinic_id, user_id, role)
        select unnest(${clinics}::uuid[]), ${id}, 'doctor'`;
      const keys: Key[] = [];
      for (let n = 0; n < count; n++) {
        // Of 51 every other key is the large one's.
        const clinic = clinics[n % 2 ? n % clinics.length : 0];
        const [key] = await sql`
          select c.clinic_id as clinic, c.id as consultation, r.id as recording, s.id as summary,
            c.created_at::text as at
          from (
            select * from public.consultations where clinic_id = ${clinic}
            order by created_at
            offset (select floor(random() * count(*)) from public.consultations where clinic_id = ${clinic})
            limit 1
          ) c
          join public.recordings r on r.consultation_id = c.id
          join public.summaries s on s.consultation_id = c.id and s.version > 1
          limit 1`;
        keys.push(key as unknown as Key);
      }
      all.push({ name, id, keys });
    }
    await sql`vacuum analyze public.clinic_members`;
    return all;
  } finally {
    await sql.end();
  }
}
