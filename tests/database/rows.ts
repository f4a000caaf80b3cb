/** Rows for tests: each makes its own clinic, so that tests never meet. */
import type postgres from "postgres";

type Sql = postgres.Sql | postgres.TransactionSql;

export type Role = "doctor" | "nurse" | "receptionist" | "admin";

export async function user(sql: Sql): Promise<string> {
  const id = crypto.randomUUID();
  await sql`insert into auth.users (id, email) values (${id}, ${`${id}@clinic.test`})`;
  // Signed in, by a session of the same id.
  await sql`insert into auth.sessions (id, user_id) values (${id}, ${id})`;
  return id;
}

export async function member(sql: Sql, clinic: string, role: Role): Promise<string> {
  const id = await user(sql);
  await sql`insert into public.clinic_members (clinic_id, user_id, role) values (${clinic}, ${id}, ${role})`;
  return id;
}

export async function clinic(sql: Sql, { autoSummarize = true } = {}): Promise<string> {
  const [{ id }] = await sql`
    insert into public.clinics (name, auto_summarize) values ('Clinic', ${autoSummarize}) returning id`;
  return id;
}

/** The name of the clinic's Realtime topic. */
export async function topicOf(sql: Sql, clinic: string): Promise<string> {
  const [{ topic }] = await sql`select topic from public.clinics where id = ${clinic}`;
  return topic;
}

export async function consultation(sql: Sql, clinic: string): Promise<string> {
  const [{ id }] = await sql`
    insert into public.consultations (clinic_id) values (${clinic}) returning id`;
  return id;
}

/** A clinic with a consultation and one member of each role. */
export async function scene(sql: Sql, options: { autoSummarize?: boolean } = {}) {
  const clinicId = await clinic(sql, options);
  return {
    clinic: clinicId,
    consultation: await consultation(sql, clinicId),
    doctor: await member(sql, clinicId, "doctor"),
    nurse: await member(sql, clinicId, "nurse"),
    receptionist: await member(sql, clinicId, "receptionist"),
    admin: await member(sql, clinicId, "admin"),
  };
}

export type Scene = Awaited<ReturnType<typeof scene>>;

export function pathIn(at: { clinic: string; consultation: string }, extension = "webm"): string {
  return `${at.clinic}/${at.consultation}/${crypto.randomUUID()}.${extension}`;
}

/** The committed write of an upload or overwrite, as the Storage service makes it; gives the version. */
export async function upload(
  sql: Sql,
  path: string,
  { owner = null, type = "audio/webm", size = 1000, bucket = "consultations" }: {
    owner?: string | null;
    type?: string | null;
    size?: number;
    bucket?: string;
  } = {},
): Promise<string> {
  const version = crypto.randomUUID();
  await sql`
    insert into storage.objects (bucket_id, name, owner_id, version, metadata)
    values (${bucket}, ${path}, ${owner}, ${version},
      jsonb_build_object('size', ${size}::bigint, 'mimetype', ${type}::text,
        'eTag', ${`"${version}"`}::text))
    on conflict (bucket_id, name) do update
    set version = excluded.version, owner_id = excluded.owner_id, metadata = excluded.metadata`;
  return version;
}

/** What the Storage service does when files are removed. */
export async function remove(sql: postgres.Sql, path: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select set_config('storage.allow_delete_query', 'true', true)`;
    await tx`delete from storage.objects where bucket_id = 'consultations' and name = ${path}`;
  });
}

/** What the Storage service does when a file is moved. */
export async function move(sql: Sql, from: string, to: string): Promise<void> {
  await sql`
    update storage.objects set name = ${to}, version = ${crypto.randomUUID()}
    where bucket_id = 'consultations' and name = ${from}`;
}

/** A consultation of the scene's clinic with one uploaded recording, and its summaries row if one came. */
export async function uploaded(sql: Sql, at: { clinic: string }, owner: string | null = null) {
  const consultationId = await consultation(sql, at.clinic);
  const path = pathIn({ clinic: at.clinic, consultation: consultationId });
  await upload(sql, path, { owner });
  const [{ id: recording, object_version }] = await sql`
    select id, object_version from public.recordings where object_path = ${path}`;
  const [summary] = await sql`
    select id from public.summaries where consultation_id = ${consultationId}`;
  return {
    consultation: consultationId,
    path,
    recording: recording as string,
    version: object_version as string,
    summary: summary?.id as string,
  };
}

/** Queued summaries of consultations without a recording, which is quicker where many are needed. */
export async function queued(sql: Sql, clinic: string, count: number): Promise<string[]> {
  const rows = await sql`
    with c as (
      insert into public.consultations (clinic_id)
      select ${clinic}::uuid from generate_series(1, ${count}::integer) returning id, clinic_id
    )
    insert into public.summaries (clinic_id, consultation_id) select clinic_id, id from c returning id`;
  return rows.map(({ id }) => id);
}

/** How many may be at work at once. */
export async function setSlots(sql: Sql, slots: number): Promise<void> {
  await sql`update summaries_private.settings set max_in_flight = ${slots} where only_row`;
}
