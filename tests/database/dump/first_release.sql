-- migration 20261101000100 foundation
-- What everything else stands on: extensions, the schema that is not exposed, its settings.

create extension if not exists pg_net with schema extensions;
create extension if not exists pg_cron;
create extension if not exists supabase_vault;
create schema private;
comment on schema private is
  'What only the worker, triggers and policies need. Not exposed by the Data API.';
-- Policies and guard triggers run as the caller and name functions of this schema.
grant usage on schema private to authenticated, service_role;
create table private.settings (
  only_row boolean primary key default true check (only_row),
  max_in_flight integer not null default 20 check (max_in_flight >= 0),
  max_attempts integer not null default 5 check (max_attempts >= 1),
  user_requests_per_hour integer not null default 60 check (user_requests_per_hour >= 1),
  clinic_requests_per_hour integer not null default 600 check (clinic_requests_per_hour >= 1),
  last_sweep_at timestamptz
);
comment on table private.settings is 'One row of settings; an operator updates it in SQL.';
comment on column private.settings.max_in_flight is
  'How many summaries are processed at once, over all clinics; 0 pauses the queue.';
comment on column private.settings.max_attempts is
  'Claims a summary may use up; attempts that made progress are given back.';
comment on column private.settings.user_requests_per_hour is
  'Summaries with this user as requested_by, over all clinics.';
comment on column private.settings.last_sweep_at is 'When private.sweep_summaries last ran.';
insert into private.settings default values;
create function private.as_uuid(p_text text) returns uuid
language sql immutable set search_path = '' as $$
  select case
    when p_text ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then p_text::uuid
  end
$$;
comment on function private.as_uuid is 'A uuid in its usual lower-case form, or null; never raises.';
revoke all on function private.as_uuid from public, anon, authenticated, service_role;
create function private.short_text(p_value jsonb, p_length integer) returns boolean
language sql immutable set search_path = '' as $$
  select jsonb_typeof(p_value) = 'string' and length(btrim(p_value #>> '{}')) between 1 and p_length
$$;
comment on function private.short_text is 'Whether a JSON value is a string of 1 to p_length characters.';
revoke all on function private.short_text from public, anon, authenticated, service_role;
create function private.valid_template(p_template jsonb) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  v_key text;
  v_value jsonb;
begin
  if jsonb_typeof(p_template) <> 'object' then
    return false;
  end if;
  for v_key, v_value in select * from jsonb_each(p_template) loop
    if not coalesce(case v_key
      when 'prescription_format' then v_value in ('"structured"', '"narrative"')
      when 'language' then private.short_text(v_value, 60)
      when 'tone' then private.short_text(v_value, 60)
      when 'sections' then case when jsonb_typeof(v_value) = 'array' then
        jsonb_array_length(v_value) between 1 and 20
        and (select bool_and(private.short_text(s, 60)) from jsonb_array_elements(v_value) s) end
      when 'instructions' then case when jsonb_typeof(v_value) = 'object' then
        (select count(*) <= 20
            and coalesce(bool_and(length(i.key) between 1 and 60 and private.short_text(i.value, 500)), true)
          from jsonb_each(v_value) i) end
    end, false) then
      return false;
    end if;
  end loop;
  return true;
end
$$;
comment on function private.valid_template is
  'Whether p_template is a template_config: any of prescription_format (structured | narrative), '
  'language, tone, sections (1 to 20), instructions (text by section); no other keys. '
  'Used by check constraints, which run as whoever writes.';
revoke all on function private.valid_template from public, anon, authenticated, service_role;
grant execute on function private.valid_template, private.short_text to authenticated, service_role;

-- migration 20261101000200 clinics
-- Clinics and who belongs to them: every other policy asks this membership.

create table public.clinics (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  template_config jsonb check (private.valid_template(template_config)),
  auto_summarize boolean not null default true,
  created_at timestamptz not null default now()
);
comment on table public.clinics is 'Tenants. Created by the service, with their first admin.';
comment on column public.clinics.template_config is
  'Default template of the clinic''s summaries; its consultations and requests override it.';
comment on column public.clinics.auto_summarize is
  'Whether an upload starts a summary by itself.';
create table public.clinic_members (
  clinic_id uuid not null references public.clinics on delete cascade,
  user_id uuid not null references auth.users on delete cascade,
  role text not null check (role in ('doctor', 'nurse', 'receptionist', 'admin')),
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (clinic_id, user_id)
);
create index on public.clinic_members (user_id);
comment on table public.clinic_members is 'Who works in which clinic, as what.';
comment on column public.clinic_members.disabled_at is 'Set: access has ended, the name stays.';
create function private.clinic_ids(p_roles text[] default null) returns setof uuid
language sql stable security definer set search_path = '' as $$
  select m.clinic_id
  from public.clinic_members m
  where m.user_id = auth.uid()
    and m.disabled_at is null
    and (p_roles is null or m.role = any (p_roles))
    -- Anonymous sign-ins carry the role authenticated too.
    and (auth.jwt() ->> 'is_anonymous') is distinct from 'true'
$$;
comment on function private.clinic_ids is
  'The caller''s clinics, or those where they have one of p_roles. Definer, so that policies on '
  'clinic_members can ask it without recursion.';
revoke all on function private.clinic_ids from public, anon, authenticated, service_role;
grant execute on function private.clinic_ids to authenticated;
alter table public.clinics enable row level security;
revoke all on public.clinics from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.clinics to service_role;
grant select, update (name, template_config, auto_summarize) on public.clinics to authenticated;
create policy "members read their clinics" on public.clinics
  for select to authenticated using (id in (select private.clinic_ids()));
create policy "admins change their clinics' settings" on public.clinics
  for update to authenticated
  using (id in (select private.clinic_ids(array['admin'])))
  with check (id in (select private.clinic_ids(array['admin'])));
alter table public.clinic_members enable row level security;
revoke all on public.clinic_members from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.clinic_members to service_role;
grant select, delete, insert (clinic_id, user_id, role), update (role, disabled_at)
  on public.clinic_members to authenticated;
create policy "members read their clinics' members" on public.clinic_members
  for select to authenticated using (clinic_id in (select private.clinic_ids()));
create policy "admins add members" on public.clinic_members
  for insert to authenticated
  with check (clinic_id in (select private.clinic_ids(array['admin'])));
create policy "admins change members' roles" on public.clinic_members
  for update to authenticated
  using (clinic_id in (select private.clinic_ids(array['admin'])))
  with check (clinic_id in (select private.clinic_ids(array['admin'])));
create policy "admins remove members" on public.clinic_members
  for delete to authenticated
  using (clinic_id in (select private.clinic_ids(array['admin'])));

-- migration 20261101000300 consultations
-- A consultation: what recordings and summaries belong to.

create table public.consultations (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null references public.clinics on delete cascade,
  created_by uuid default auth.uid(),
  template_config jsonb check (private.valid_template(template_config)),
  recording_changes bigint not null default 0,
  created_at timestamptz not null default now(),
  unique (id, clinic_id)
);
create index on public.consultations (clinic_id, created_at);
comment on table public.consultations is
  'One visit. Holds nothing about the patient: an application keeps that in its own tables.';
comment on column public.consultations.created_by is 'A user''s id; kept when the user is gone.';
comment on column public.consultations.template_config is
  'Overrides the clinic''s template, key by key.';
comment on column public.consultations.recording_changes is
  'Counts uploads, overwrites and deletions, so that a worker that failed can tell whether something '
  'came after its claim.';
alter table public.consultations enable row level security;
revoke all on public.consultations from public, anon, authenticated, service_role;
grant select, delete, insert (id, clinic_id, created_by, template_config), update (template_config)
  on public.consultations to service_role;
grant select, insert (id, clinic_id, template_config), update (template_config)
  on public.consultations to authenticated;
create policy "members read their clinics' consultations" on public.consultations
  for select to authenticated using (clinic_id in (select private.clinic_ids()));
create policy "members open consultations" on public.consultations
  for insert to authenticated with check (clinic_id in (select private.clinic_ids()));
create policy "doctors, nurses and admins choose a consultation's template" on public.consultations
  for update to authenticated
  using (clinic_id in (select private.clinic_ids(array['doctor', 'nurse', 'admin'])))
  with check (clinic_id in (select private.clinic_ids(array['doctor', 'nurse', 'admin'])));

-- migration 20261101000400 recordings
-- What was uploaded, and what was heard and read in it.

create table public.recordings (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null,
  consultation_id uuid not null,
  bucket_id text not null,
  object_path text not null,
  object_id uuid not null,
  object_version text not null,
  kind text not null check (kind in ('audio', 'image')),
  declared_type text,
  size_bytes bigint,
  created_by uuid,
  created_at timestamptz not null default clock_timestamp(),
  deleted_at timestamptz,
  excluded text,
  unique (bucket_id, object_path),
  unique (id, clinic_id),
  foreign key (consultation_id, clinic_id)
    references public.consultations (id, clinic_id) on delete cascade
);
create index on public.recordings (consultation_id, clinic_id);
comment on table public.recordings is
  'Files in Storage, as the trigger on storage.objects saw them. Written by that trigger alone.';
comment on column public.recordings.object_path is '{clinic_id}/{consultation_id}/{uuid}.{ext}';
comment on column public.recordings.object_version is
  'Version of the object in Storage: another one after each overwrite.';
comment on column public.recordings.kind is
  'As declared at upload; the worker looks at the bytes.';
comment on column public.recordings.declared_type is 'Content-Type the uploader gave, parameters included.';
comment on column public.recordings.created_by is 'Who uploaded it; null for the service.';
comment on column public.recordings.deleted_at is
  'When the object left Storage or was moved away. The row stays: summaries name it.';
comment on column public.recordings.excluded is
  'Error code of a file that is not looked at: file_excluded, above 100 MiB a consultation.';
create table public.extractions (
  recording_id uuid not null,
  object_version text not null,
  part integer not null check (part >= 0),
  clinic_id uuid not null,
  from_seconds numeric not null,
  to_seconds numeric,
  is_last boolean not null,
  segments jsonb not null check (jsonb_typeof(segments) = 'array'),
  found jsonb not null,
  model text not null,
  prompt_version text not null,
  usage jsonb not null,
  created_at timestamptz not null default now(),
  primary key (recording_id, object_version, part),
  foreign key (recording_id, clinic_id)
    references public.recordings (id, clinic_id) on delete cascade
);
create index on public.extractions (recording_id, clinic_id);
comment on table public.extractions is
  'What was heard or read in a version of a recording, part by part. Never changed: the first writer wins.';
comment on column public.extractions.part is '0, 1, 2…: long recordings are listened to in windows.';
comment on column public.extractions.to_seconds is 'null: to the end.';
comment on column public.extractions.segments is
  '[{kind, speaker, start, text, mentions: {drugs, quantities}}], in order.';
comment on column public.extractions.found is
  'What the model says of the file itself: whether there is speech or something legible, language.';
comment on column public.extractions.usage is 'Tokens paid for.';
alter table public.recordings enable row level security;
alter table public.extractions enable row level security;
revoke all on public.recordings, public.extractions from public, anon, authenticated, service_role;
grant select on public.recordings, public.extractions to authenticated, service_role;
create policy "members read their clinics' recordings" on public.recordings
  for select to authenticated using (clinic_id in (select private.clinic_ids()));
create policy "members read their clinics' extractions" on public.extractions
  for select to authenticated using (clinic_id in (select private.clinic_ids()));

-- migration 20261101000500 summaries
-- A row here is the job and its result. What belongs to it: files looked at, the text before each edit,
-- the log of its changes, and the worker's side in private.

create table public.summaries (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null,
  consultation_id uuid not null,
  status text not null default 'queued'
    check (status in ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  stage text check (stage in ('extracting', 'composing', 'checking')),
  template_config jsonb check (private.valid_template(template_config)),
  submitted_by text not null default '' check (submitted_by in ('doctor', 'nurse', 'receptionist')),
  requested_by uuid,
  sections jsonb,
  summary text check (length(summary) <= 200000),
  model text,
  prompt_version text,
  usage jsonb,
  error_code text,
  error_message text,
  review_status text not null default 'draft'
    check (review_status in ('draft', 'approved', 'rejected')),
  approved_by uuid,
  approved_at timestamptz,
  amends uuid references public.summaries,
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  completed_at timestamptz,
  updated_at timestamptz not null default clock_timestamp(),
  unique (id, clinic_id),
  foreign key (consultation_id, clinic_id)
    references public.consultations (id, clinic_id) on delete cascade,
  check ((status = 'completed') = (completed_at is not null)),
  check (status <> 'completed' or (summary is not null and sections is not null)),
  check (review_status = 'draft' or status = 'completed'),
  check ((review_status = 'approved') = (approved_at is not null))
);
comment on table public.summaries is
  'A summary, and the job that makes it: a row inserted as queued starts the work. Completed ones stay.';
comment on column public.summaries.stage is 'What the worker does now; null unless processing.';
comment on column public.summaries.template_config is
  'What was asked for; overrides the consultation''s and the clinic''s template, key by key.';
comment on column public.summaries.submitted_by is 'Who speaks on the recordings to whom; for the prompt. Left out: private.prepare_summary fills in the '
  'role of who asks.';
comment on column public.summaries.requested_by is
  'The user who asked or whose upload started it; kept when the user is gone.';
comment on column public.summaries.sections is
  'The machine''s draft with evidence and warnings. Never changed by people.';
comment on column public.summaries.summary is 'Markdown: at first the draft, then what people made of it.';
comment on column public.summaries.error_code is
  'Why it failed; while active, why the last attempt did.';
comment on column public.summaries.amends is
  'The approved summary of which this is the corrected form; its text starts from there.';
comment on column public.summaries.version is
  'Counts edits and reviews. One is accepted only with version set to the version seen + 1, so that two '
  'people cannot overwrite each other.';
comment on column public.summaries.started_at is 'When it was claimed last.';
create unique index summaries_one_active on public.summaries (consultation_id)
  where status in ('queued', 'processing');
create unique index summaries_one_open_amendment on public.summaries (amends)
  where review_status = 'draft';
create index on public.summaries (amends);
create index summaries_processing on public.summaries (clinic_id) where status = 'processing';
create index summaries_failed on public.summaries (updated_at) where status = 'failed';
create index summaries_served on public.summaries (clinic_id, started_at);
create index on public.summaries (clinic_id, created_at);
create index on public.summaries (requested_by, created_at);
create index on public.summaries (consultation_id, clinic_id, completed_at);
create table public.summary_recordings (
  summary_id uuid not null,
  recording_id uuid not null,
  clinic_id uuid not null,
  object_version text not null,
  outcome text not null check (outcome in ('used', 'failed')),
  code text,
  message text,
  primary key (summary_id, recording_id),
  foreign key (summary_id, clinic_id) references public.summaries (id, clinic_id) on delete cascade,
  foreign key (recording_id, clinic_id) references public.recordings (id, clinic_id) on delete cascade
);
create index on public.summary_recordings (summary_id, clinic_id);
create index on public.summary_recordings (recording_id, clinic_id);
comment on table public.summary_recordings is
  'Every file that was looked at for a summary, those that could not be used too.';
comment on column public.summary_recordings.code is 'Error code, when it could not be used.';
create table public.summary_revisions (
  summary_id uuid not null,
  version integer not null,
  clinic_id uuid not null,
  summary text not null,
  edited_by uuid,
  edited_at timestamptz not null default clock_timestamp(),
  primary key (summary_id, version),
  foreign key (summary_id, clinic_id) references public.summaries (id, clinic_id) on delete cascade
);
create index on public.summary_revisions (summary_id, clinic_id);
comment on table public.summary_revisions is 'The text before each edit.';
comment on column public.summary_revisions.version is 'Version that had this text.';
comment on column public.summary_revisions.edited_by is 'Who replaced it, at edited_at.';
create table public.summary_events (
  id bigint generated always as identity primary key,
  clinic_id uuid not null,
  summary_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  actor uuid,
  event text not null check (event in ('status', 'stage', 'edit', 'review')),
  detail jsonb not null,
  foreign key (summary_id, clinic_id) references public.summaries (id, clinic_id) on delete cascade
);
create index on public.summary_events (summary_id, clinic_id);
comment on table public.summary_events is
  'What happened to a summary, in order. Append-only: nobody has a grant to write, a trigger does. '
  'Nothing clinical.';
comment on column public.summary_events.actor is 'The user who did it; null for worker and sweep.';
comment on column public.summary_events.detail is
  '{from, to}; for a status also attempt, and code where there is an error; for an amendment amends.';
create table private.summary_jobs (
  summary_id uuid primary key references public.summaries on delete cascade,
  clinic_id uuid not null,
  run_after timestamptz,
  attempts integer not null default 0,
  lease_token uuid,
  lease_expires_at timestamptz,
  progressed boolean not null default false,
  recording_changes bigint,
  cleanup boolean not null default false,
  left_over boolean not null default false,
  overwritten jsonb not null default '[]',
  cleanup_token uuid,
  cleanup_expires_at timestamptz
);
-- run_after is null unless the summary is queued: this index is the queue. None on the lease's expiry,
-- so that a heartbeat is a HOT update.
create index summary_jobs_queue on private.summary_jobs (clinic_id, run_after)
  where run_after is not null;
create index summary_jobs_cleanup on private.summary_jobs (summary_id) where cleanup;
comment on table private.summary_jobs is 'The worker''s side of a summary: when, who, how often.';
comment on column private.summary_jobs.run_after is 'Due from then on; null unless queued.';
comment on column private.summary_jobs.attempts is 'Claims so far, without those that made progress and ended.';
comment on column private.summary_jobs.lease_token is
  'Made by the caller of the claim, and kept after the end, so that a call whose answer was lost can be '
  'made again.';
comment on column private.summary_jobs.progressed is 'A part was saved since the claim.';
comment on column private.summary_jobs.recording_changes is
  'The consultation''s count at the claim: later changes may not have been seen.';
comment on column private.summary_jobs.cleanup is 'Files may be left at Gemini.';
comment on column private.summary_jobs.left_over is
  'Some of them an earlier attempt''s, of which the present worker need not know.';
comment on column private.summary_jobs.overwritten is
  '[{recording_id, object_version}]: versions that were replaced while their files may have been there.';
comment on column private.summary_jobs.cleanup_token is 'Who deletes them, until cleanup_expires_at.';
alter table public.summaries enable row level security;
alter table public.summary_recordings enable row level security;
alter table public.summary_revisions enable row level security;
alter table public.summary_events enable row level security;
revoke all on public.summaries, public.summary_recordings, public.summary_revisions,
  public.summary_events from public, anon, authenticated, service_role;
revoke all on private.summary_jobs, private.settings
  from public, anon, authenticated, service_role;
grant select on public.summaries, public.summary_recordings, public.summary_revisions,
  public.summary_events to authenticated, service_role;
grant insert (clinic_id, consultation_id, template_config, submitted_by, amends),
  update (status, summary, review_status, version) on public.summaries to authenticated;
grant insert (clinic_id, consultation_id, template_config, submitted_by, requested_by)
  on public.summaries to service_role;
create policy "members read their clinics' summaries" on public.summaries
  for select to authenticated using (clinic_id in (select private.clinic_ids()));
create policy "members ask for summaries" on public.summaries
  for insert to authenticated with check (clinic_id in (select private.clinic_ids()));
-- Who may change what of it, private.guard_summary decides.
create policy "members cancel and review their clinics' summaries" on public.summaries
  for update to authenticated
  using (clinic_id in (select private.clinic_ids()))
  with check (clinic_id in (select private.clinic_ids()));
create policy "members read which files were looked at" on public.summary_recordings
  for select to authenticated using (clinic_id in (select private.clinic_ids()));
create policy "members read earlier texts" on public.summary_revisions
  for select to authenticated using (clinic_id in (select private.clinic_ids()));
create policy "members read what happened to their clinics' summaries" on public.summary_events
  for select to authenticated using (clinic_id in (select private.clinic_ids()));
create view public.current_summaries with (security_invoker = true) as
select distinct on (s.consultation_id)
  s.consultation_id,
  s.clinic_id,
  s.id as summary_id,
  s.review_status,
  s.summary,
  s.sections,
  s.version,
  s.amends,
  s.completed_at,
  (
    select a.id from public.summaries a
    where a.consultation_id = s.consultation_id and a.review_status = 'approved'
    order by a.completed_at desc limit 1
  ) as approved_id,
  (
    select n.id from public.summaries n
    where n.consultation_id = s.consultation_id and n.status in ('queued', 'processing')
  ) as active_id
from public.summaries s
where s.status = 'completed'
order by s.consultation_id, s.completed_at desc, s.id;
comment on view public.current_summaries is
  'The newest completed summary of each consultation. approved_id is the newest approved one, which may '
  'be older; active_id is one under way. An inbox: review_status = draft, oldest completed_at first.';
revoke all on public.current_summaries from public, anon, authenticated, service_role;
grant select on public.current_summaries to authenticated, service_role;

-- migration 20261101000600 people
-- What people may do with summaries, beyond what policies can say: they ask, cancel, edit, review, amend.
-- Refusals are SQLSTATE PTxyz, which the Data API answers with status xyz.

create function private.seconds_to_wait(p_clinic uuid, p_user uuid) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_settings private.settings;
  v_since timestamptz := clock_timestamp() - interval '1 hour';
  v_oldest timestamptz;
begin
  -- One at a time for each clinic, or requests in parallel would each see room.
  perform pg_advisory_xact_lock(hashtextextended('requests of ' || p_clinic, 0));
  select * into v_settings from private.settings;
  -- The one that must become older than an hour before there is room again.
  select greatest(
    (select s.created_at from public.summaries s
      where s.requested_by = p_user and s.created_at > v_since
      order by s.created_at desc offset v_settings.user_requests_per_hour - 1 limit 1),
    (select s.created_at from public.summaries s
      where s.clinic_id = p_clinic and s.created_at > v_since
      order by s.created_at desc offset v_settings.clinic_requests_per_hour - 1 limit 1)
  ) into v_oldest;
  return ceil(extract(epoch from v_oldest - v_since));
end
$$;
comment on function private.seconds_to_wait is
  'Null when the hourly limits of user and clinic have room for one more summary, else the seconds '
  'until they do. Uploads count and are never refused.';
revoke all on function private.seconds_to_wait from public, anon, authenticated, service_role;
grant execute on function private.seconds_to_wait to authenticated;
create function private.prepare_summary() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_amended public.summaries;
  v_wait integer;
begin
  new.submitted_by := nullif(new.submitted_by, '');
  new.clinic_id := coalesce(new.clinic_id,
    (select c.clinic_id from public.consultations c where c.id = new.consultation_id));
  if current_user = 'authenticated' then
    new.requested_by := auth.uid();
    new.submitted_by := coalesce(new.submitted_by,
      (select m.role from public.clinic_members m
        where m.clinic_id = new.clinic_id and m.user_id = auth.uid() and m.role <> 'admin'));
    -- Strangers are left to the policy.
    if new.clinic_id in (select private.clinic_ids()) then
      if new.amends is null and not exists (
        select from public.recordings r
        where r.consultation_id = new.consultation_id and r.deleted_at is null
      ) then
        raise exception using errcode = 'PT422', detail = 'no_recordings',
          message = 'The consultation has no recordings: upload one first.';
      end if;
      v_wait := private.seconds_to_wait(new.clinic_id, new.requested_by);
      if v_wait is not null then
        -- This form carries a header.
        raise sqlstate 'PGRST' using
          message = jsonb_build_object('code', 'PT429', 'details', 'rate_limited', 'hint', null,
            'message', format('Too many summaries were asked for: try again in %s seconds.', v_wait)),
          detail = jsonb_build_object('status', 429,
            'headers', jsonb_build_object('Retry-After', v_wait::text));
      end if;
    end if;
  end if;
  new.submitted_by := coalesce(new.submitted_by, 'doctor');

  if new.amends is not null then
    select * into v_amended from public.summaries
    where id = new.amends and consultation_id = new.consultation_id;
    if v_amended.review_status is distinct from 'approved' or exists (
      select from public.summaries where amends = new.amends and review_status = 'approved'
    ) then
      raise exception using errcode = 'PT409', detail = 'not_approved',
        message = 'Only the newest approved summary of this consultation can be amended.';
    end if;
    if new.clinic_id not in (select private.clinic_ids(array['doctor', 'nurse', 'admin'])) then
      raise exception using errcode = 'PT403', detail = 'forbidden',
        message = 'Only doctors, nurses and admins amend summaries.';
    end if;
    new.status := 'completed';
    new.completed_at := clock_timestamp();
    new.template_config := v_amended.template_config;
    new.submitted_by := v_amended.submitted_by;
    new.sections := v_amended.sections;
    new.summary := v_amended.summary;
    new.model := v_amended.model;
    new.prompt_version := v_amended.prompt_version;
    new.usage := v_amended.usage;
  end if;
  return new;
end
$$;
comment on function private.prepare_summary is
  'Fills in what a new summary leaves open, checks what people may ask for, and makes an amendment from '
  'the summary it amends. Runs as the caller: only there current_user tells people from the worker.';
revoke all on function private.prepare_summary from public, anon, authenticated, service_role;
create trigger prepare_summary before insert on public.summaries
  for each row execute function private.prepare_summary();
create function private.guard_summary() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_editable constant text[] :=
    array['summary', 'review_status', 'version', 'approved_by', 'approved_at', 'updated_at'];
  v_edited boolean := new.summary is distinct from old.summary;
  v_reviewed boolean := new.review_status <> old.review_status;
begin
  if old.review_status = 'approved' then
    raise exception using errcode = 'PT409', detail = 'approved',
      message = 'An approved summary is final: insert a summary that amends it.';
  end if;
  if new.status <> old.status and (old.status, new.status) not in (
    ('queued', 'processing'), ('queued', 'cancelled'),
    ('processing', 'queued'), ('processing', 'completed'),
    ('processing', 'failed'), ('processing', 'cancelled')
  ) then
    raise exception using errcode = 'PT409', detail = 'illegal_transition',
      message = format('A summary that is %s cannot become %s.', old.status, new.status);
  end if;
  if old.status in ('completed', 'failed', 'cancelled')
    and to_jsonb(new) - v_editable <> to_jsonb(old) - v_editable
  then
    raise exception using errcode = 'PT409', detail = 'ended',
      message = 'A summary that has ended keeps its result.';
  end if;
  new.updated_at := clock_timestamp();
  if new.status <> 'processing' then
    new.stage := null;
  end if;

  if current_user <> 'authenticated' then
    return new;
  end if;
  if new.status <> old.status and new.status <> 'cancelled' then
    raise exception using errcode = 'PT403', detail = 'forbidden',
      message = 'People set a summary''s status to cancelled only.';
  end if;
  if not v_edited and not v_reviewed then
    new.version := old.version;
    return new;
  end if;
  if old.status <> 'completed' then
    raise exception using errcode = 'PT409', detail = 'not_completed',
      message = 'Only a completed summary can be edited and reviewed.';
  end if;
  if old.clinic_id not in (select private.clinic_ids(array['doctor', 'nurse', 'admin'])) then
    raise exception using errcode = 'PT403', detail = 'forbidden',
      message = 'Only doctors, nurses and admins edit and review summaries.';
  end if;
  if new.version <> old.version + 1 then
    raise exception using errcode = 'PT409', detail = 'version_conflict',
      message = 'Somebody else changed this summary: load it again, and send version + 1.';
  end if;
  if old.review_status = 'rejected' then
    if not v_edited then
      raise exception using errcode = 'PT409', detail = 'illegal_transition',
        message = 'A rejected summary becomes a draft again by an edit.';
    end if;
    new.review_status := 'draft';
  end if;
  if new.review_status = 'approved' then
    new.approved_by := auth.uid();
    new.approved_at := clock_timestamp();
  end if;
  return new;
end
$$;
comment on function private.guard_summary is
  'Legal changes of a summary: its states for everybody, and column by column what people may do. Runs as '
  'the caller, as prepare_summary does.';
revoke all on function private.guard_summary from public, anon, authenticated, service_role;
create trigger guard_summary before update on public.summaries
  for each row execute function private.guard_summary();
create function private.record_summary() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_actor uuid := auth.uid();
begin
  if tg_op = 'INSERT' then
    insert into public.summary_events (clinic_id, summary_id, actor, event, detail)
    values (new.clinic_id, new.id, coalesce(v_actor, new.requested_by), 'status', jsonb_strip_nulls(
      jsonb_build_object('to', new.status, 'amends', new.amends)));
    if new.amends is not null then
      insert into public.summary_recordings
      select new.id, u.recording_id, u.clinic_id, u.object_version, u.outcome, u.code, u.message
      from public.summary_recordings u where u.summary_id = new.amends;
    end if;
  else
    insert into public.summary_events (clinic_id, summary_id, actor, event, detail)
    select new.clinic_id, new.id, v_actor, e.event, e.detail
    from (values
      -- A lease taken over starts an attempt, too.
      (1, new.status <> old.status or new.started_at is distinct from old.started_at, 'status', jsonb_strip_nulls(jsonb_build_object(
        'from', old.status, 'to', new.status,
        'code', case when new.status in ('queued', 'failed') then new.error_code end,
        'attempt', (select j.attempts from private.summary_jobs j where j.summary_id = new.id)))),
      (2, new.stage is distinct from old.stage and new.stage is not null, 'stage',
        jsonb_strip_nulls(jsonb_build_object('from', old.stage, 'to', new.stage))),
      (3, new.status = old.status and new.summary is distinct from old.summary, 'edit',
        jsonb_build_object('from', old.version, 'to', new.version)),
      (4, new.review_status <> old.review_status, 'review',
        jsonb_build_object('from', old.review_status, 'to', new.review_status))
    ) as e (n, happened, event, detail)
    where e.happened
    order by e.n;
    if old.status = 'completed' and new.summary is distinct from old.summary then
      insert into public.summary_revisions (summary_id, version, clinic_id, summary, edited_by)
      values (new.id, old.version, new.clinic_id, old.summary, v_actor);
    end if;
    if (new.status, new.stage, new.review_status, new.version)
      is not distinct from (old.status, old.stage, old.review_status, old.version)
    then
      return null;
    end if;
  end if;
  -- Its failure must not undo what it tells of.
  begin
    perform realtime.send(
      jsonb_build_object('id', new.id, 'consultation_id', new.consultation_id, 'status', new.status,
        'stage', new.stage, 'review_status', new.review_status),
      'summary', 'clinic:' || new.clinic_id, true);
  exception when others then
    raise warning 'summary %: no broadcast (%)', new.id, sqlstate;
  end;
  return null;
end
$$;
comment on function private.record_summary is
  'Writes events and revisions, and tells the clinic''s topic: {id, consultation_id, status, stage, '
  'review_status} as event summary.';
revoke all on function private.record_summary from public, anon, authenticated, service_role;
create trigger record_summary after insert or update on public.summaries
  for each row execute function private.record_summary();
create policy "members listen to their clinics' topics" on realtime.messages
  for select to authenticated
  using (
    realtime.messages.extension = 'broadcast'
    -- As text: a topic need not hold a uuid.
    and (select realtime.topic()) in (select 'clinic:' || c from private.clinic_ids() c)
  );

-- migration 20261101000700 dispatch
-- The queue's order, and hints: HTTP calls that tell the function of a summary. A lost one does no harm,
-- the sweep repeats it.

-- Not in SQL, as next_in_line.
create function private.processing() returns bigint
language plpgsql security definer set search_path = '' as $$
begin
  return (select count(*) from public.summaries s where s.status = 'processing');
end
$$;
comment on function private.processing is
  'Summaries in flight. Exact under private.lock_slots alone.';
revoke all on function private.processing from public, anon, authenticated, service_role;
-- Not in SQL: its plan would be made anew in each call, and takes longer than the query.
create function private.next_in_line(p_limit integer) returns setof uuid
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  return query
  with recursive clinics as (
    (select j.clinic_id from private.summary_jobs j
      where j.run_after is not null order by j.clinic_id limit 1)
    union all
    -- Jumps through the index from clinic to clinic, however many wait in each.
    select (select j.clinic_id from private.summary_jobs j
      where j.run_after is not null and j.clinic_id > c.clinic_id order by j.clinic_id limit 1)
    from clinics c
    where c.clinic_id is not null
  ), busy as materialized (
    select s.clinic_id, count(*) as processing
    from public.summaries s where s.status = 'processing' group by s.clinic_id
  )
  select due.summary_id
  from clinics c
  cross join lateral (
    select j.summary_id, j.run_after, row_number() over (order by j.run_after) as place
    from private.summary_jobs j
    where j.clinic_id = c.clinic_id and j.run_after <= clock_timestamp()
    order by j.run_after
    limit p_limit
  ) due
  left join busy b on b.clinic_id = c.clinic_id
  order by
    coalesce(b.processing, 0) + due.place,
    (select max(s.started_at) from public.summaries s where s.clinic_id = c.clinic_id) nulls first,
    due.run_after
  limit p_limit;
end
$$;
comment on function private.next_in_line is
  'Due summaries in the order in which they should be claimed: first those of clinics that have the '
  'fewest in flight, then those of clinics not served for longest, then the oldest.';
revoke all on function private.next_in_line from public, anon, authenticated, service_role;
create function private.hint(p_summary uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_url text;
  v_key text;
begin
  select decrypted_secret into v_url from vault.decrypted_secrets where name = 'project_url';
  select decrypted_secret into v_key from vault.decrypted_secrets where name = 'secret_key';
  if v_url is null or v_key is null then
    return;
  end if;
  perform net.http_post(
    url := v_url || '/functions/v1/generate-summary',
    body := jsonb_build_object('summary_id', p_summary),
    headers := jsonb_build_object('Content-Type', 'application/json', 'apikey', v_key),
    timeout_milliseconds := 5000
  );
exception when others then
  raise warning 'summary %: no hint (%)', p_summary, sqlstate;
end
$$;
comment on function private.hint is
  'Tells the function generate-summary of a summary, after commit; never raises. Needs the Vault secrets '
  'project_url (https://<ref>.supabase.co) and secret_key (a key of its own); without them it does nothing.';
revoke all on function private.hint from public, anon, authenticated, service_role;
create function private.dispatch_summary() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    if new.status not in ('queued', 'processing') then
      return null;
    end if;
    insert into private.summary_jobs (summary_id, clinic_id, run_after)
    values (new.id, new.clinic_id, case when new.status = 'queued' then clock_timestamp() end);
    if new.status = 'queued'
      and private.processing() < (select max_in_flight from private.settings)
    then
      perform private.hint(new.id);
    end if;
    return null;
  end if;
  if new.status = 'cancelled' then
    update private.summary_jobs set run_after = null
    where summary_id = new.id and run_after is not null;
  end if;
  if old.status = 'processing' then
    -- A slot is free: for whoever is next, this one itself after a release.
    perform private.hint(n) from private.next_in_line(1) n
    where private.processing() < (select max_in_flight from private.settings);
  end if;
  return null;
end
$$;
comment on function private.dispatch_summary is
  'Gives a new summary its job, and sends hints where there is a slot.';
revoke all on function private.dispatch_summary from public, anon, authenticated, service_role;
-- By name before record_summary, which reads the job.
create trigger dispatch_new_summary after insert on public.summaries
  for each row execute function private.dispatch_summary();
create trigger dispatch_summary after update of status on public.summaries
  for each row when (old.status <> new.status) execute function private.dispatch_summary();

-- migration 20261101000800 worker
-- What the worker calls, as service_role. Rules that hold for all of it:
-- * The caller makes the lease token. Every write carries it, and one that isn't the lease's any more
--   changes nothing; the same call again gives the same answer.
-- * Locks are taken in the order consultation, summary, job. Whoever inserts something with a foreign
--   key to the consultation or its recordings takes the consultation first.
-- * clock_timestamp(), because a call may have waited for a lock.

create function private.lock_slots() returns void
language sql security definer set search_path = '' as $$
  select pg_advisory_xact_lock(hashtextextended('generate-summary slots', 0))
$$;
comment on function private.lock_slots is
  'Claims take turns, or two of them would both take the last slot. Taken after a consultation''s lock, '
  'before a summary''s.';
revoke all on function private.lock_slots from public, anon, authenticated, service_role;
create function private.lock_consultation(p_summary uuid) returns uuid
language sql security definer set search_path = '' as $$
  select c.id from public.consultations c
  where c.id = (select s.consultation_id from public.summaries s where s.id = p_summary)
  for no key update
$$;
comment on function private.lock_consultation is
  'Locks the consultation of a summary; uploads to it wait. Null when it is gone.';
revoke all on function private.lock_consultation from public, anon, authenticated, service_role;
create function private.holds(p_id uuid, p_token uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.summaries where id = p_id and status = 'processing' for no key update;
  -- A statement of its own sees what was committed while the lock was waited for.
  return found and exists (
    select from private.summary_jobs where summary_id = p_id and lease_token = p_token
  );
end
$$;
comment on function private.holds is
  'Locks the summary; whether p_token is the lease under which it is processed. A lease that ran out still '
  'holds until somebody takes the summary back.';
revoke all on function private.holds from public, anon, authenticated, service_role;
create function private.job(p_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'summary_id', s.id, 'clinic_id', s.clinic_id, 'consultation_id', s.consultation_id,
    'status', s.status, 'submitted_by', s.submitted_by, 'requested_by', s.requested_by,
    'attempt', j.attempts, 'max_attempts', t.max_attempts, 'lease_expires_at', j.lease_expires_at)
  from public.summaries s
  join private.summary_jobs j on j.summary_id = s.id
  cross join private.settings t
  where s.id = p_id
$$;
comment on function private.job is 'A claimed summary as the worker gets it.';
revoke all on function private.job from public, anon, authenticated, service_role;
create function private.begin_attempt(p_id uuid, p_token uuid, p_lease_seconds integer)
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
  update private.summary_jobs j set
    run_after = null,
    -- An attempt that was cut off after it had made progress is given back.
    attempts = j.attempts + 1 - (s.status = 'processing' and j.progressed)::integer,
    lease_token = p_token,
    lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds),
    progressed = false,
    recording_changes = c.recording_changes,
    left_over = j.cleanup,
    cleanup = true
  from public.summaries s
  join public.consultations c on c.id = s.consultation_id
  where s.id = p_id and j.summary_id = p_id;
  update public.summaries set
    status = 'processing', stage = 'extracting', started_at = clock_timestamp()
  where id = p_id;
  return jsonb_build_object('outcome', 'claimed', 'job', private.job(p_id));
end
$$;
comment on function private.begin_attempt is
  'Gives a summary that the caller has locked to p_token.';
revoke all on function private.begin_attempt from public, anon, authenticated, service_role;
create function private.requeue(p_id uuid, p_wait_seconds numeric) returns timestamptz
language plpgsql security definer set search_path = '' as $$
declare
  v_run_after timestamptz := clock_timestamp() + make_interval(secs => p_wait_seconds);
begin
  update private.summary_jobs set run_after = v_run_after, lease_expires_at = null
  where summary_id = p_id;
  update public.summaries set status = 'queued' where id = p_id;
  return v_run_after;
end
$$;
comment on function private.requeue is 'Puts a summary that the caller has locked back into the queue.';
revoke all on function private.requeue from public, anon, authenticated, service_role;
create function private.look_at(p_id uuid, p_used jsonb) returns void
language sql security definer set search_path = '' as $$
  insert into public.summary_recordings
    (summary_id, recording_id, clinic_id, object_version, outcome, code, message)
  select s.id, r.id, r.clinic_id, u.object_version, u.outcome, u.code, u.message
  from public.summaries s
  join public.recordings r on r.consultation_id = s.consultation_id
  join jsonb_to_recordset(p_used) as u (
    recording_id uuid, object_version text, outcome text, code text, message text
  ) on u.recording_id = r.id
  where s.id = p_id
  on conflict do nothing
$$;
comment on function private.look_at is 'Writes down which files were looked at for a summary.';
revoke all on function private.look_at from public, anon, authenticated, service_role;
create function private.unseen(p_consultation uuid, p_used jsonb) returns boolean
language sql security definer set search_path = '' as $$
  select exists (
    select from public.recordings r
    where r.consultation_id = p_consultation and r.deleted_at is null
      and (p_used @> jsonb_build_array(jsonb_build_object(
        'recording_id', r.id, 'object_version', r.object_version))) is not true
  )
$$;
comment on function private.unseen is
  'Whether the consultation has a recording, or a version of one, that is not in p_used.';
revoke all on function private.unseen from public, anon, authenticated, service_role;
create function private.ensure_summary(p_consultation uuid, p_user uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.summaries (clinic_id, consultation_id, requested_by, submitted_by)
  select c.clinic_id, c.id, p_user,
    (select m.role from public.clinic_members m
      where m.clinic_id = c.clinic_id and m.user_id = p_user and m.role <> 'admin')
  from public.consultations c
  join public.clinics k on k.id = c.clinic_id
  where c.id = p_consultation and k.auto_summarize
  on conflict (consultation_id) where status in ('queued', 'processing') do nothing;
end
$$;
comment on function private.ensure_summary is
  'An active summary exists afterwards, unless the clinic turned that off. The caller has locked the '
  'consultation.';
revoke all on function private.ensure_summary from public, anon, authenticated, service_role;
create function private.end_failed(
  p_id uuid, p_code text, p_message text, p_used jsonb, p_left_files boolean
) returns void language plpgsql security definer set search_path = '' as $$
declare
  v_ended public.summaries;
begin
  perform private.look_at(p_id, p_used);
  update private.summary_jobs
  set run_after = null, lease_expires_at = null, cleanup = p_left_files or left_over
  where summary_id = p_id;
  update public.summaries set status = 'failed', error_code = p_code, error_message = p_message
  where id = p_id
  returning * into v_ended;
  -- What was uploaded since the claim found an active summary, and started none of its own.
  if private.unseen(v_ended.consultation_id, p_used) and exists (
    select from public.consultations c join private.summary_jobs j on j.summary_id = p_id
    where c.id = v_ended.consultation_id and c.recording_changes > j.recording_changes
  ) then
    perform private.ensure_summary(v_ended.consultation_id, v_ended.requested_by);
  end if;
end
$$;
comment on function private.end_failed is
  'Ends a summary for good. The caller has locked consultation and summary.';
revoke all on function private.end_failed from public, anon, authenticated, service_role;
create function public.claim_summary(p_id uuid, p_token uuid, p_lease_seconds integer default 60)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_settings private.settings;
  v_summary public.summaries;
  v_job private.summary_jobs;
begin
  select * into v_summary from public.summaries where id = p_id;
  if v_summary.status in ('completed', 'failed', 'cancelled') then
    return coalesce(
      private.claim_cleanup(p_id, p_token, p_lease_seconds),
      jsonb_build_object('outcome', 'nothing', 'status', v_summary.status));
  end if;
  perform private.lock_slots();
  select * into v_summary from public.summaries where id = p_id for no key update;
  select * into v_job from private.summary_jobs where summary_id = p_id;
  select * into v_settings from private.settings;
  if v_summary.status = 'processing' and v_job.lease_token = p_token then
    return jsonb_build_object('outcome', 'claimed', 'job', private.job(p_id));
  end if;
  if v_summary.status = 'queued' and v_job.run_after <= clock_timestamp() then
    if private.processing() >= v_settings.max_in_flight then
      return jsonb_build_object('outcome', 'full');
    end if;
    return private.begin_attempt(p_id, p_token, p_lease_seconds);
  end if;
  -- With its attempts used up it is left to the sweep, which locks the consultation first.
  if v_summary.status = 'processing' and v_job.lease_expires_at <= clock_timestamp()
    and v_job.attempts - v_job.progressed::integer < v_settings.max_attempts
  then
    return private.begin_attempt(p_id, p_token, p_lease_seconds);
  end if;
  return jsonb_build_object('outcome', 'nothing', 'status', v_summary.status);
end
$$;
comment on function public.claim_summary is
  'Worker. Takes this summary, when it is due or its lease ran out: {outcome: claimed, job} | {outcome: '
  'nothing, status} | {outcome: full}. One that has ended and may have left files at Gemini: {outcome: '
  'cleanup, summary_id, files: [{recording_id, object_version}]}.';
revoke all on function public.claim_summary from public, anon, authenticated, service_role;
grant execute on function public.claim_summary to service_role;
create function private.claim_cleanup(p_id uuid, p_token uuid, p_lease_seconds integer)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_consultation uuid;
begin
  select consultation_id into v_consultation from public.summaries where id = p_id for no key update;
  update private.summary_jobs j set
    cleanup_token = p_token,
    cleanup_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where j.summary_id = p_id and private.wants_cleanup(p_id);
  if not found then
    return null;
  end if;
  return jsonb_build_object('outcome', 'cleanup', 'summary_id', p_id, 'files', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'recording_id', f.recording_id, 'object_version', f.object_version)), '[]')
    from (
      select r.id as recording_id, r.object_version
      from public.recordings r where r.consultation_id = v_consultation
      union
      select e.recording_id, e.object_version
      from public.extractions e join public.recordings r on r.id = e.recording_id
      where r.consultation_id = v_consultation
      union
      select u.recording_id, u.object_version
      from public.summary_recordings u join public.recordings r on r.id = u.recording_id
      where r.consultation_id = v_consultation
      union
      select o.recording_id, o.object_version
      from private.summary_jobs j, jsonb_to_recordset(j.overwritten) as o (
        recording_id uuid, object_version text)
      where j.summary_id = p_id
    ) f
  ));
end
$$;
comment on function private.claim_cleanup is
  'Gives the deletion of what an ended summary left at Gemini to p_token; null when there is nothing to do.';
revoke all on function private.claim_cleanup from public, anon, authenticated, service_role;
create function private.wants_cleanup(p_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from private.summary_jobs j
    join public.summaries s on s.id = j.summary_id
    where j.summary_id = p_id and j.cleanup and s.status in ('completed', 'failed', 'cancelled')
      -- The worker of a cancelled one may still be uploading.
      and coalesce(j.lease_expires_at <= clock_timestamp(), true)
      and coalesce(j.cleanup_expires_at <= clock_timestamp(), true)
      -- Another summary of the same recordings uses files of the same names.
      and not exists (
        select from public.summaries o
        where o.consultation_id = s.consultation_id and o.status = 'processing')
  )
$$;
comment on function private.wants_cleanup is
  'Whether files of an ended summary should be deleted at Gemini now.';
revoke all on function private.wants_cleanup from public, anon, authenticated, service_role;
create function public.claim_next(p_token uuid, p_lease_seconds integer default 60)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_settings private.settings;
  v_id uuid;
begin
  perform private.lock_slots();
  select * into v_settings from private.settings;
  select s.id into v_id
  from public.summaries s join private.summary_jobs j on j.summary_id = s.id
  where s.status = 'processing' and j.lease_token = p_token;
  if found then
    return jsonb_build_object('outcome', 'claimed', 'job', private.job(v_id));
  end if;
  -- A lease that ran out has its slot already.
  select s.id into v_id
  from public.summaries s join private.summary_jobs j on j.summary_id = s.id
  where s.status = 'processing' and j.lease_expires_at <= clock_timestamp()
    and j.attempts - j.progressed::integer < v_settings.max_attempts
  order by j.lease_expires_at
  limit 1
  for no key update of s skip locked;
  if not found then
    if private.processing() >= v_settings.max_in_flight then
      return jsonb_build_object('outcome', 'full');
    end if;
    select s.id into v_id
    from private.next_in_line(v_settings.max_in_flight) with ordinality as n (id, place)
    join public.summaries s on s.id = n.id
    where s.status = 'queued'
    order by n.place
    limit 1
    for no key update of s skip locked;
  end if;
  if v_id is null then
    return jsonb_build_object('outcome', 'nothing', 'status', null);
  end if;
  return private.begin_attempt(v_id, p_token, p_lease_seconds);
end
$$;
comment on function public.claim_next is
  'Worker. Takes a summary whose lease ran out, else the next due one of the clinic served least: '
  '{outcome: claimed, job} | {outcome: nothing, status: null} | {outcome: full}.';
revoke all on function public.claim_next from public, anon, authenticated, service_role;
grant execute on function public.claim_next to service_role;
create function public.request_summary(
  p_consultation uuid, p_user uuid, p_template jsonb, p_submitted_by text, p_token uuid,
  p_lease_seconds integer default 60
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_clinic uuid;
  v_template jsonb := nullif(p_template, 'null');
  v_submitted_by text;
  v_active public.summaries;
  v_wait integer;
  v_id uuid;
begin
  select c.clinic_id, coalesce(p_submitted_by, nullif(m.role, 'admin'), 'doctor')
  into v_clinic, v_submitted_by
  from public.consultations c
  join public.clinic_members m on m.clinic_id = c.clinic_id
  where c.id = p_consultation and m.user_id = p_user and m.disabled_at is null
  for no key update of c;
  if not found then
    return jsonb_build_object('outcome', 'refused', 'code', 'not_found', 'retry_after', null);
  end if;

  select s.* into v_active
  from public.summaries s
  where s.consultation_id = p_consultation and s.status in ('queued', 'processing');
  if found then
    if v_active.status = 'processing' and exists (
      select from private.summary_jobs j
      where j.summary_id = v_active.id and j.lease_token = p_token
    ) then
      return jsonb_build_object('outcome', 'claimed', 'job', private.job(v_active.id));
    end if;
    return jsonb_build_object(
      'outcome', 'active', 'summary_id', v_active.id, 'status', v_active.status,
      'same', v_active.template_config is not distinct from v_template
        and (p_submitted_by is null or v_active.submitted_by = p_submitted_by));
  end if;

  if not exists (
    select from public.recordings r
    where r.consultation_id = p_consultation and r.deleted_at is null
  ) then
    return jsonb_build_object('outcome', 'refused', 'code', 'no_recordings', 'retry_after', null);
  end if;
  v_wait := private.seconds_to_wait(v_clinic, p_user);
  if v_wait is not null then
    return jsonb_build_object('outcome', 'refused', 'code', 'rate_limited', 'retry_after', v_wait);
  end if;

  perform private.lock_slots();
  insert into public.summaries
    (clinic_id, consultation_id, template_config, submitted_by, requested_by, status)
  values (v_clinic, p_consultation, v_template, v_submitted_by, p_user,
    case when private.processing() < (select max_in_flight from private.settings)
      then 'processing' else 'queued' end)
  on conflict (consultation_id) where status in ('queued', 'processing') do nothing
  returning * into v_active;
  if not found then
    -- Somebody inserted one just now: the same call again finds it.
    return public.request_summary(
      p_consultation, p_user, p_template, p_submitted_by, p_token, p_lease_seconds);
  end if;
  if v_active.status = 'queued' then
    return jsonb_build_object('outcome', 'queued', 'summary_id', v_active.id, 'status', 'queued');
  end if;
  return private.begin_attempt(v_active.id, p_token, p_lease_seconds);
end
$$;
comment on function public.request_summary is
  'Worker, for a user who asks. {outcome: claimed, job} | {outcome: queued, summary_id, status} when no slot '
  'is free | {outcome: active, summary_id, status, same} when one is under way; same: it asks for the same '
  'template, and the same submitted_by where one is given | {outcome: refused, code: not_found | no_recordings | rate_limited, '
  'retry_after: seconds}. p_submitted_by null: as the user''s role says.';
revoke all on function public.request_summary from public, anon, authenticated, service_role;
grant execute on function public.request_summary to service_role;
create function public.heartbeat_summary(
  p_id uuid, p_token uuid, p_stage text, p_lease_seconds integer default 60
) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  if not private.holds(p_id, p_token) then
    return false;
  end if;
  update private.summary_jobs
  set lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where summary_id = p_id;
  update public.summaries set stage = p_stage where id = p_id and stage is distinct from p_stage;
  return true;
end
$$;
comment on function public.heartbeat_summary is
  'Worker. Extends the lease and tells the stage; false when the lease is lost or the summary cancelled.';
revoke all on function public.heartbeat_summary from public, anon, authenticated, service_role;
grant execute on function public.heartbeat_summary to service_role;
create function public.summary_inputs(p_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'summary_id', s.id, 'clinic_id', s.clinic_id, 'consultation_id', s.consultation_id,
    'submitted_by', s.submitted_by,
    'templates', jsonb_build_object('clinic', k.template_config,
      'consultation', c.template_config, 'summary', s.template_config),
    'recordings', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'recording_id', r.id, 'bucket_id', r.bucket_id, 'object_path', r.object_path,
        'object_id', r.object_id, 'object_version', r.object_version, 'kind', r.kind,
        'declared_type', r.declared_type, 'size_bytes', r.size_bytes, 'created_at', r.created_at,
        'excluded', r.excluded,
        'extractions', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'part', e.part, 'from_seconds', e.from_seconds, 'to_seconds', e.to_seconds,
            'is_last', e.is_last, 'segments', e.segments, 'found', e.found, 'model', e.model,
            'prompt_version', e.prompt_version, 'usage', e.usage) order by e.part), '[]')
          from public.extractions e
          where e.recording_id = r.id and e.object_version = r.object_version)
      ) order by r.created_at, r.id), '[]')
      from public.recordings r
      where r.consultation_id = s.consultation_id and r.deleted_at is null)
  )
  from public.summaries s
  join public.consultations c on c.id = s.consultation_id
  join public.clinics k on k.id = s.clinic_id
  where s.id = p_id
$$;
comment on function public.summary_inputs is
  'Worker. What the summary is made of: templates {clinic, consultation, summary}, and the recordings that '
  'are there now with the extractions of their present version, oldest first.';
revoke all on function public.summary_inputs from public, anon, authenticated, service_role;
grant execute on function public.summary_inputs to service_role;
create function public.save_extraction(
  p_id uuid, p_token uuid, p_recording uuid, p_object_version text, p_part integer,
  p_from_seconds numeric, p_to_seconds numeric, p_is_last boolean, p_result jsonb
) returns text language plpgsql security definer set search_path = '' as $$
begin
  if private.lock_consultation(p_id) is null or not private.holds(p_id, p_token) then
    return 'lost';
  end if;
  insert into public.extractions (recording_id, object_version, part, clinic_id, from_seconds,
    to_seconds, is_last, segments, found, model, prompt_version, usage)
  select r.id, p_object_version, p_part, r.clinic_id, p_from_seconds, p_to_seconds, p_is_last,
    p_result -> 'segments', p_result -> 'found', p_result ->> 'model',
    p_result ->> 'prompt_version', p_result -> 'usage'
  from public.summaries s join public.recordings r on r.consultation_id = s.consultation_id
  where s.id = p_id and r.id = p_recording
  on conflict do nothing;
  if not found then
    return 'exists';
  end if;
  update private.summary_jobs set progressed = true where summary_id = p_id and not progressed;
  return 'saved';
end
$$;
comment on function public.save_extraction is
  'Worker. Keeps a part of a recording: saved | exists (the first writer won) | lost. A new part is progress.';
revoke all on function public.save_extraction from public, anon, authenticated, service_role;
grant execute on function public.save_extraction to service_role;
create function public.complete_summary(p_id uuid, p_token uuid, p_used jsonb, p_result jsonb)
returns text language plpgsql security definer set search_path = '' as $$
declare
  v_consultation uuid := private.lock_consultation(p_id);
begin
  if not private.holds(p_id, p_token) then
    return case when exists (
      select from public.summaries s join private.summary_jobs j on j.summary_id = s.id
      where s.id = p_id and s.status = 'completed' and j.lease_token = p_token
    ) then 'completed' else 'lost' end;
  end if;
  if private.unseen(v_consultation, p_used) or exists (
    select from jsonb_to_recordset(p_used) as u (recording_id uuid, object_version text, outcome text)
    where u.outcome = 'used' and not exists (
      select from public.recordings r
      where r.id = u.recording_id and r.object_version = u.object_version and r.deleted_at is null
        and r.consultation_id = v_consultation)
  ) then
    return 'stale';
  end if;
  perform private.look_at(p_id, p_used);
  update private.summary_jobs
  set lease_expires_at = null,
    cleanup = left_over or coalesce((p_result ->> 'left_files')::boolean, false)
  where summary_id = p_id;
  update public.summaries set
    status = 'completed', completed_at = clock_timestamp(),
    sections = p_result -> 'sections', summary = p_result ->> 'summary',
    model = p_result ->> 'model', prompt_version = p_result ->> 'prompt_version',
    usage = p_result -> 'usage', error_code = null, error_message = null
  where id = p_id;
  return 'completed';
end
$$;
comment on function public.complete_summary is
  'Worker. Writes the result: completed, again for the same token | stale, when p_used does not say what '
  'the consultation''s recordings are now | lost. p_used: [{recording_id, object_version, outcome: used | '
  'failed, code, message}]; p_result: {sections, summary, model, prompt_version, usage, left_files}.';
revoke all on function public.complete_summary from public, anon, authenticated, service_role;
grant execute on function public.complete_summary to service_role;
create function private.backoff_seconds(p_attempts integer, p_retry_after integer) returns numeric
language sql volatile set search_path = '' as $$
  -- 10 s, 20 s, 40 s… up to ten minutes; a random half of it is taken off.
  select greatest(
    least(10 * 2 ^ (p_attempts - 1), 600) * (0.5 + random() / 2), p_retry_after)::numeric
$$;
comment on function private.backoff_seconds is
  'How long to wait after this many attempts: exponential with half jitter, at least p_retry_after.';
revoke all on function private.backoff_seconds from public, anon, authenticated, service_role;
create function public.fail_summary(
  p_id uuid, p_token uuid, p_code text, p_message text, p_retryable boolean,
  p_retry_after integer default null, p_used jsonb default '[]', p_left_files boolean default false
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_attempts integer;
  v_status text;
  v_run_after timestamptz;
begin
  perform private.lock_consultation(p_id);
  if not private.holds(p_id, p_token) then
    select s.status, j.run_after into v_status, v_run_after
    from public.summaries s join private.summary_jobs j on j.summary_id = s.id
    where s.id = p_id and j.lease_token = p_token and s.status in ('queued', 'failed');
    return jsonb_build_object('outcome', coalesce(v_status, 'lost')) || case
      when v_status = 'queued' then jsonb_build_object('run_after', v_run_after) else '{}' end;
  end if;
  select attempts into v_attempts from private.summary_jobs where summary_id = p_id;
  if p_retryable and v_attempts < (select max_attempts from private.settings) then
    update private.summary_jobs set cleanup = p_left_files or left_over where summary_id = p_id;
    update public.summaries set error_code = p_code, error_message = p_message where id = p_id;
    v_run_after := private.requeue(p_id, private.backoff_seconds(v_attempts, p_retry_after));
    return jsonb_build_object('outcome', 'queued', 'run_after', v_run_after);
  end if;
  perform private.end_failed(p_id, p_code, p_message, p_used, p_left_files);
  return jsonb_build_object('outcome', 'failed');
end
$$;
comment on function public.fail_summary is
  'Worker. {outcome: queued, run_after} while it is retryable and attempts are left | {outcome: failed} | '
  '{outcome: lost}. p_retry_after: seconds, the least to wait. p_message: nothing clinical.';
revoke all on function public.fail_summary from public, anon, authenticated, service_role;
grant execute on function public.fail_summary to service_role;
create function private.give_back(p_id uuid, p_killed boolean) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_attempts integer;
  v_summary public.summaries;
begin
  update private.summary_jobs set
    attempts = attempts - progressed::integer, progressed = false, lease_token = null
  where summary_id = p_id
  returning attempts into v_attempts;
  if v_attempts < (select max_attempts from private.settings) then
    -- Once is bad luck. One that kills its worker must not take the same others with it each time.
    perform private.requeue(p_id, case when p_killed and v_attempts > 1
      then private.backoff_seconds(v_attempts, null) else 0 end);
    return;
  end if;
  select * into v_summary from public.summaries where id = p_id;
  perform private.end_failed(p_id,
    coalesce(v_summary.error_code, 'out_of_time'),
    coalesce(v_summary.error_message, 'The work was cut off too often.'), '[]', true);
end
$$;
comment on function private.give_back is
  'Ends an attempt that was cut off: not counted when it made progress, and failed with the last code when '
  'attempts are used up; else due again at once, or after a wait when its worker was killed more than once. '
  'The caller has locked consultation and summary.';
revoke all on function private.give_back from public, anon, authenticated, service_role;
create function public.release_summary(p_id uuid, p_token uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.lock_consultation(p_id);
  if not private.holds(p_id, p_token) then
    return false;
  end if;
  perform private.give_back(p_id, false);
  return true;
end
$$;
comment on function public.release_summary is
  'Worker whose isolate is going. The summary is due again at once; the attempt is not counted when it made '
  'progress. False when the lease is lost.';
revoke all on function public.release_summary from public, anon, authenticated, service_role;
grant execute on function public.release_summary to service_role;
create function public.cleaned_summary(p_id uuid, p_token uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update private.summary_jobs
  set cleanup = false, cleanup_token = null, cleanup_expires_at = null
  where summary_id = p_id and cleanup_token = p_token;
  return found;
end
$$;
comment on function public.cleaned_summary is
  'Worker. The files that claim_summary asked to clean up are deleted at Gemini.';
revoke all on function public.cleaned_summary from public, anon, authenticated, service_role;
grant execute on function public.cleaned_summary to service_role;

-- migration 20261101000900 uploads
-- From a file in Storage to a recording and a summary.

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('consultations', 'consultations', false, 52428800, array[
  'audio/*', 'image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/heif',
  -- Recorders use these for sound.
  'video/webm', 'video/mp4'
])
on conflict (id) do update set
  public = excluded.public, file_size_limit = excluded.file_size_limit,
  allowed_mime_types = excluded.allowed_mime_types;
create function private.path_ids(p_path text, out clinic_id uuid, out consultation_id uuid)
language sql immutable set search_path = '' as $$
  select private.as_uuid(p[1]), private.as_uuid(p[2])
  from regexp_match(p_path, '^([^/]+)/([^/]+)/[^/]+$') as p
$$;
comment on function private.path_ids is
  'Clinic and consultation in a path of the bucket; null for a path of another form.';
revoke all on function private.path_ids from public, anon, authenticated, service_role;
create function private.may_upload(p_path text) returns boolean
language sql stable security definer set search_path = '' as $$
  select private.as_uuid(split_part(split_part(p_path, '/', 3), '.', 1)) is not null
    and p_path ~ '^[^/]+/[^/]+/[^/.]+\.[a-z0-9]{1,8}$'
    and exists (
      select from private.path_ids(p_path) p
      join public.consultations c on c.id = p.consultation_id and c.clinic_id = p.clinic_id
      where c.clinic_id in (select private.clinic_ids())
    )
$$;
comment on function private.may_upload is
  'Whether the caller may put a file at this path: {clinic_id}/{consultation_id}/{uuid}.{ext}, in a '
  'consultation of theirs. A uuid, because names of files tend to be names of patients.';
revoke all on function private.may_upload from public, anon, authenticated, service_role;
grant execute on function private.may_upload to authenticated;
create policy "members read their clinics' files" on storage.objects
  for select to authenticated
  using (
    bucket_id = 'consultations'
    -- As text: a malformed name must not raise for everybody who lists.
    and split_part(name, '/', 1) in (select c::text from private.clinic_ids() c)
  );
create policy "members upload into their clinics' consultations" on storage.objects
  for insert to authenticated
  with check (bucket_id = 'consultations' and private.may_upload(name));
create table private.missed_uploads (
  id bigint generated always as identity primary key,
  bucket_id text not null,
  object_path text not null,
  reason text not null,
  replay boolean not null,
  tries integer not null default 0,
  at timestamptz not null default clock_timestamp()
);
create index on private.missed_uploads (tries, id) where replay;
comment on table private.missed_uploads is
  'Changes in Storage that the trigger could not take. Kept for 30 days when they never could be.';
comment on column private.missed_uploads.reason is
  'malformed_path, unknown_consultation, or the SQLSTATE of what went wrong.';
comment on column private.missed_uploads.replay is 'The sweep tries it again, for a day.';
revoke all on private.missed_uploads from public, anon, authenticated, service_role;
create function private.sync_recording(p_bucket text, p_path text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  -- Bytes a consultation may hold.
  v_limit constant bigint := 104857600;
  v_ids record;
  v_object record;
  v_recording public.recordings;
  v_size bigint;
  v_type text;
begin
  v_ids := private.path_ids(p_path);
  if v_ids.clinic_id is null or v_ids.consultation_id is null then
    return 'malformed_path';
  end if;
  update public.consultations set recording_changes = recording_changes + 1
  where id = v_ids.consultation_id and clinic_id = v_ids.clinic_id;
  if not found then
    return case when exists (
      select from storage.objects where bucket_id = p_bucket and name = p_path
    ) then 'unknown_consultation' else 'taken' end;
  end if;
  -- Read under the lock, so that the last of several changes is what stays.
  select o.id, o.version, o.owner_id, o.metadata into v_object
  from storage.objects o where o.bucket_id = p_bucket and o.name = p_path;

  if not found then
    update public.recordings set deleted_at = clock_timestamp()
    where bucket_id = p_bucket and object_path = p_path and deleted_at is null
    returning * into v_recording;
    -- A draft that was made from this file is made anew; what a doctor approved stays.
    if found and exists (
      select from public.current_summaries s
      join public.summary_recordings u using (summary_id)
      where s.consultation_id = v_ids.consultation_id and s.review_status <> 'approved'
        and u.recording_id = v_recording.id and u.outcome = 'used'
    ) and exists (
      select from public.recordings r
      where r.consultation_id = v_ids.consultation_id and r.deleted_at is null
    ) then
      perform private.ensure_summary(v_ids.consultation_id, v_recording.created_by);
    end if;
    return 'taken';
  end if;

  select * into v_recording from public.recordings
  where bucket_id = p_bucket and object_path = p_path and object_version <> v_object.version;
  if found then
    update private.summary_jobs j set overwritten = j.overwritten || jsonb_build_object(
      'recording_id', v_recording.id, 'object_version', v_recording.object_version)
    from public.summaries s
    where s.consultation_id = v_ids.consultation_id and j.summary_id = s.id and j.cleanup;
  end if;

  v_size := (v_object.metadata ->> 'size')::bigint;
  v_type := coalesce(v_object.metadata ->> 'mimetype', '');
  insert into public.recordings as r (clinic_id, consultation_id, bucket_id, object_path, object_id,
    object_version, kind, declared_type, size_bytes, created_by, excluded)
  values (
    v_ids.clinic_id, v_ids.consultation_id, p_bucket, p_path, v_object.id, v_object.version,
    case when v_type ~* '^image/' or v_type !~* '^(audio|video)/' and p_path ~* '\.(jpe?g|png|webp|hei[cf])$'
      then 'image' else 'audio' end,
    nullif(v_type, ''), v_size, private.as_uuid(v_object.owner_id),
    case when v_size + (
      select coalesce(sum(o.size_bytes), 0) from public.recordings o
      where o.consultation_id = v_ids.consultation_id and o.object_path <> p_path
        and o.deleted_at is null and o.excluded is null
    ) > v_limit then 'file_excluded' end
  )
  on conflict (bucket_id, object_path) do update set
    object_id = excluded.object_id, object_version = excluded.object_version,
    kind = excluded.kind, declared_type = excluded.declared_type,
    size_bytes = excluded.size_bytes, created_by = excluded.created_by,
    deleted_at = null, excluded = excluded.excluded
  where (r.object_version, r.deleted_at) is distinct from (excluded.object_version, null)
  returning * into v_recording;
  if found then
    perform private.ensure_summary(v_ids.consultation_id, v_recording.created_by);
  end if;
  return 'taken';
end
$$;
comment on function private.sync_recording is
  'Makes the recording of a path what Storage holds there now, and starts a summary where that changed '
  'something: taken | malformed_path | unknown_consultation. May be repeated.';
revoke all on function private.sync_recording from public, anon, authenticated, service_role;
create function private.object_changed() returns trigger
language plpgsql security definer set search_path = ''
-- Below deadlock_timeout, so that it is never an upload for which somebody else's transaction is ended.
set lock_timeout = '900ms'
as $$
declare
  v_bucket constant text := 'consultations';
  v_path text;
  v_outcome text;
begin
  -- The probe for permission, which is rolled back.
  if new.version = '1' then
    return null;
  end if;
  for v_path in
    -- In one order, so that two moves do not wait for each other.
    select distinct p from unnest(array[
      case when old.bucket_id = v_bucket then old.name end,
      case when new.bucket_id = v_bucket then new.name end
    ]) p where p is not null order by p
  loop
    begin
      v_outcome := private.sync_recording(v_bucket, v_path);
    exception when others then
      v_outcome := sqlstate;
    end;
    if v_outcome <> 'taken' then
      insert into private.missed_uploads (bucket_id, object_path, reason, replay)
      values (v_bucket, v_path, v_outcome, v_outcome <> 'malformed_path');
    end if;
  end loop;
  return null;
exception when others then
  raise warning 'upload not taken (%)', sqlstate;
  return null;
end
$$;
comment on function private.object_changed is
  'Takes uploads, overwrites, moves and deletions into recordings. Never makes one of them fail: what goes '
  'wrong is written down, and replayed by the sweep.';
revoke all on function private.object_changed from public, anon, authenticated, service_role;
-- Uploads wait while the trigger is created: rather give up.
set lock_timeout = '5s';
create trigger take_recording
  after insert or delete or update of name, version, bucket_id on storage.objects
  for each row execute function private.object_changed();
reset lock_timeout;

-- migration 20261101001000 sweep
-- What repeats everything that got lost, and what an operator reads.

create function private.sweep_summaries() returns void
language plpgsql security definer set search_path = ''
-- What somebody holds is left for the next time.
set lock_timeout = '200ms'
as $$
declare
  v_missed private.missed_uploads;
  v_outcome text;
  v_id uuid;
  v_free integer;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('sweep-summaries', 0)) then
    return;
  end if;

  for v_missed in
    select * from private.missed_uploads where replay order by tries, id limit 100
  loop
    begin
      v_outcome := private.sync_recording(v_missed.bucket_id, v_missed.object_path);
    exception when others then
      v_outcome := sqlstate;
    end;
    if v_outcome = 'taken' then
      delete from private.missed_uploads where id = v_missed.id;
    else
      update private.missed_uploads set
        tries = tries + 1, reason = v_outcome, replay = at > clock_timestamp() - interval '1 day'
      where id = v_missed.id;
    end if;
  end loop;

  for v_id in
    select s.id from public.summaries s join private.summary_jobs j on j.summary_id = s.id
    where s.status = 'processing' and j.lease_expires_at <= clock_timestamp()
  loop
    begin
      perform from public.consultations c
      where c.id = (select s.consultation_id from public.summaries s where s.id = v_id)
      for no key update skip locked;
      continue when not found;
      perform from public.summaries s where s.id = v_id and s.status = 'processing'
      for no key update skip locked;
      continue when not found;
      perform from private.summary_jobs j
      where j.summary_id = v_id and j.lease_expires_at <= clock_timestamp();
      continue when not found;
      perform private.give_back(v_id, true);
    exception when others then
      raise warning 'summary %: not taken back (%)', v_id, sqlstate;
    end;
  end loop;

  v_free := (select max_in_flight from private.settings) - private.processing();
  if v_free > 0 then
    perform private.hint(n) from private.next_in_line(v_free) n;
  end if;

  perform private.hint(c.summary_id)
  from (
    select j.summary_id from private.summary_jobs j
    where j.cleanup and private.wants_cleanup(j.summary_id)
    limit 20
  ) c;

  -- Files at Gemini live for 48 hours.
  update private.summary_jobs j set cleanup = false
  from public.summaries s
  where s.id = j.summary_id and j.cleanup and s.updated_at < clock_timestamp() - interval '48 hours'
    and s.status in ('completed', 'failed', 'cancelled');
  delete from private.missed_uploads
  where not replay and at < clock_timestamp() - interval '30 days';
  begin
    delete from cron.job_run_details d using cron.job c
    where c.jobid = d.jobid and c.jobname = 'sweep-summaries'
      and d.end_time < clock_timestamp() - interval '1 day';
  exception when others then
    raise warning 'cron.job_run_details not pruned (%)', sqlstate;
  end;
  update private.settings set last_sweep_at = clock_timestamp();
end
$$;
comment on function private.sweep_summaries is
  'Every 15 seconds, one at a time: replays missed uploads, takes back leases that ran out, hints what is '
  'due as far as there are slots, asks for cleanup at Gemini, prunes.';
revoke all on function private.sweep_summaries from public, anon, authenticated, service_role;
select cron.schedule('sweep-summaries', '15 seconds', 'select private.sweep_summaries()');
create view private.queue as
select s.status, case
    when s.status = 'queued' and j.run_after > clock_timestamp() then 'waits after an error'
    when s.status = 'queued' then 'due'
    when s.status = 'processing' and j.lease_expires_at <= clock_timestamp() then 'lease ran out'
    when s.status = 'processing' then s.stage
  end as state, s.error_code, count(*) as summaries, min(coalesce(j.run_after, s.started_at)) as oldest,
  max(j.attempts) as most_attempts
from public.summaries s
join private.summary_jobs j on j.summary_id = s.id
where s.status in ('queued', 'processing')
group by 1, 2, 3
union all
select 'failed', 'last day', s.error_code, count(*), min(s.updated_at), max(j.attempts)
from public.summaries s
join private.summary_jobs j on j.summary_id = s.id
-- now() is stable, so that it can be looked up in an index.
where s.status = 'failed' and s.updated_at > now() - interval '1 day'
group by s.error_code
union all
select 'missed upload', case when m.replay then 'replayed' else 'given up' end, m.reason, count(*),
  min(m.at), max(m.tries)
from private.missed_uploads m
group by m.replay, m.reason;
comment on view private.queue is
  'For an operator, in SQL: depth by state, oldest due, attempts, failures of the last day by code, uploads '
  'that were missed.';
revoke all on private.queue from public, anon, authenticated, service_role;
create function public.queue_health() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'queued', (select count(*) from private.summary_jobs where run_after is not null),
    'processing', private.processing(),
    'oldest_due_seconds', (
      select floor(extract(epoch from clock_timestamp() - min(run_after)))::integer
      from private.summary_jobs where run_after <= clock_timestamp()),
    'last_sweep_at', (select last_sweep_at from private.settings),
    'failed_last_hour', (
      select count(*) from public.summaries
      where status = 'failed' and updated_at > now() - interval '1 hour'))
$$;
comment on function public.queue_health is
  'Service. {queued, processing, oldest_due_seconds, last_sweep_at, failed_last_hour}.';
revoke all on function public.queue_health from public, anon, authenticated, service_role;
grant execute on function public.queue_health to service_role;

-- rows
set session_replication_role = replica;

insert into auth.users (id, email) overriding system value
select id, email from jsonb_populate_recordset(null::auth.users, $rows$[{"id": "eb08768c-528e-46b9-a889-9083b0d43118", "email": "eb08768c-528e-46b9-a889-9083b0d43118@clinic.test"}, {"id": "9fa22ee8-a3d2-4910-96df-54368cb7eac2", "email": "9fa22ee8-a3d2-4910-96df-54368cb7eac2@clinic.test"}, {"id": "86b362db-c53b-451e-8aa4-884295176d2c", "email": "86b362db-c53b-451e-8aa4-884295176d2c@clinic.test"}, {"id": "280daed3-4608-4e89-8a4e-a5a36d25c314", "email": "280daed3-4608-4e89-8a4e-a5a36d25c314@clinic.test"}, {"id": "20ec3b0a-fe88-41b4-b5ce-9b9411cb8dee", "email": "20ec3b0a-fe88-41b4-b5ce-9b9411cb8dee@clinic.test"}]$rows$);

insert into storage.objects (id, bucket_id, name, owner_id, version, metadata) overriding system value
select id, bucket_id, name, owner_id, version, metadata from jsonb_populate_recordset(null::storage.objects, $rows$[{"id": "fd217d85-d009-4429-8cc1-930ae1dbc1ff", "name": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/f9de31f4-0b29-4d07-b091-c63725827c5e/49ae6e93-69a8-4043-a1e6-2c38c6bb3749.webm", "version": "d72a906f-d9e7-430a-bd71-0259aa9a5cb0", "metadata": {"size": 1000, "mimetype": "audio/webm"}, "owner_id": "eb08768c-528e-46b9-a889-9083b0d43118", "bucket_id": "consultations"}, {"id": "d44e1afa-f749-4a70-bb1f-9f4921c51282", "name": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/c1a25cbe-1dc9-44f4-99e4-1fee1dba417c/5c90e96e-4adf-4292-9a0a-c01fd0aa49f5.webm", "version": "1f781402-dda2-4a9b-b8c2-e6841cbbf3f2", "metadata": {"size": 1000, "mimetype": "audio/webm"}, "owner_id": "eb08768c-528e-46b9-a889-9083b0d43118", "bucket_id": "consultations"}, {"id": "76a10b81-3024-4db9-a660-530356d1e745", "name": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/40c0b51e-19b4-4ed5-94e5-4933d6a2ffff/48325caf-c7a8-46b0-9c04-01956c1cc8e8.webm", "version": "06600bb1-4575-4d6a-83e3-21c843f7d113", "metadata": {"size": 1000, "mimetype": "audio/webm"}, "owner_id": "eb08768c-528e-46b9-a889-9083b0d43118", "bucket_id": "consultations"}, {"id": "2d3d6b3b-614f-4690-989a-260a14221d5c", "name": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/4fc3ec3e-7553-4f24-ae89-dfb178e3f08c/044a1e9e-dcf0-4c5d-83d8-70189380c1c6.webm", "version": "826ecaf9-aaa7-47ae-9ad3-38fd16eea3c4", "metadata": {"size": 1000, "mimetype": "audio/webm"}, "owner_id": "eb08768c-528e-46b9-a889-9083b0d43118", "bucket_id": "consultations"}, {"id": "4e6bb38f-e0e0-448b-99fc-d2aadff34a6f", "name": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/c44a4b94-02d8-4433-a8a7-8bf1ff79c546/6bed70f1-e992-415a-9289-5e0794697d53.webm", "version": "34f0c4de-e3a4-4e0b-bf9b-056a5d4a9a6a", "metadata": {"size": 1000, "mimetype": "audio/webm"}, "owner_id": "eb08768c-528e-46b9-a889-9083b0d43118", "bucket_id": "consultations"}, {"id": "b1336b33-f55d-415c-b0a4-38f0c17f6695", "name": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/4bce2096-dd2b-462f-9cfe-e4ef560026aa/e15c63aa-6e65-41d9-9c8b-3ee7738ebc53.webm", "version": "85145eec-4698-430f-9902-8b14e75b850c", "metadata": {"size": 1000, "mimetype": "audio/webm"}, "owner_id": "9fa22ee8-a3d2-4910-96df-54368cb7eac2", "bucket_id": "consultations"}, {"id": "2b6a009f-d1b0-44a1-9597-e655d9c0ae91", "name": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/3b9fa14e-295d-4bc6-8043-18a05ce3a382/50a14b4f-a7cd-4b06-83f4-9397aa407228.webm", "version": "29427b76-2285-4ca2-9366-4a383f24116a", "metadata": {"size": 1000, "mimetype": "audio/webm"}, "owner_id": null, "bucket_id": "consultations"}]$rows$);

insert into public.clinics overriding system value
select * from jsonb_populate_recordset(null::public.clinics, $rows$[{"id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "name": "Clinic", "created_at": "2026-11-22T09:57:10.7521+00:00", "auto_summarize": true, "template_config": null}, {"id": "1c1fd699-871d-4a1a-b295-09498610176e", "name": "Clinic", "created_at": "2026-11-22T09:57:10.763632+00:00", "auto_summarize": false, "template_config": null}]$rows$);

insert into public.clinic_members overriding system value
select * from jsonb_populate_recordset(null::public.clinic_members, $rows$[{"role": "doctor", "user_id": "eb08768c-528e-46b9-a889-9083b0d43118", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.759056+00:00", "disabled_at": null}, {"role": "nurse", "user_id": "9fa22ee8-a3d2-4910-96df-54368cb7eac2", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.760712+00:00", "disabled_at": null}, {"role": "receptionist", "user_id": "86b362db-c53b-451e-8aa4-884295176d2c", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.76159+00:00", "disabled_at": null}, {"role": "admin", "user_id": "280daed3-4608-4e89-8a4e-a5a36d25c314", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.762591+00:00", "disabled_at": null}, {"role": "doctor", "user_id": "20ec3b0a-fe88-41b4-b5ce-9b9411cb8dee", "clinic_id": "1c1fd699-871d-4a1a-b295-09498610176e", "created_at": "2026-11-22T09:57:10.76458+00:00", "disabled_at": null}]$rows$);

insert into public.consultations overriding system value
select * from jsonb_populate_recordset(null::public.consultations, $rows$[{"id": "c96ff611-d879-4f18-97e4-dcbbde913dfa", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.755403+00:00", "created_by": null, "template_config": null, "recording_changes": 0}, {"id": "f9de31f4-0b29-4d07-b091-c63725827c5e", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.765236+00:00", "created_by": null, "template_config": null, "recording_changes": 1}, {"id": "c1a25cbe-1dc9-44f4-99e4-1fee1dba417c", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.825727+00:00", "created_by": null, "template_config": null, "recording_changes": 1}, {"id": "40c0b51e-19b4-4ed5-94e5-4933d6a2ffff", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.839258+00:00", "created_by": null, "template_config": null, "recording_changes": 1}, {"id": "4fc3ec3e-7553-4f24-ae89-dfb178e3f08c", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.849697+00:00", "created_by": null, "template_config": null, "recording_changes": 1}, {"id": "c44a4b94-02d8-4433-a8a7-8bf1ff79c546", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.857286+00:00", "created_by": null, "template_config": null, "recording_changes": 1}, {"id": "4bce2096-dd2b-462f-9cfe-e4ef560026aa", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.867224+00:00", "created_by": null, "template_config": null, "recording_changes": 1}]$rows$);

insert into public.recordings overriding system value
select * from jsonb_populate_recordset(null::public.recordings, $rows$[{"id": "551a72b6-42b2-45c7-bedb-117b9862519e", "kind": "audio", "excluded": null, "bucket_id": "consultations", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "object_id": "fd217d85-d009-4429-8cc1-930ae1dbc1ff", "created_at": "2026-11-22T09:57:10.772982+00:00", "created_by": "eb08768c-528e-46b9-a889-9083b0d43118", "deleted_at": null, "size_bytes": 1000, "object_path": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/f9de31f4-0b29-4d07-b091-c63725827c5e/49ae6e93-69a8-4043-a1e6-2c38c6bb3749.webm", "declared_type": "audio/webm", "object_version": "d72a906f-d9e7-430a-bd71-0259aa9a5cb0", "consultation_id": "f9de31f4-0b29-4d07-b091-c63725827c5e"}, {"id": "678cf97a-7d51-49a7-9179-d0c8990ad37a", "kind": "audio", "excluded": null, "bucket_id": "consultations", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "object_id": "d44e1afa-f749-4a70-bb1f-9f4921c51282", "created_at": "2026-11-22T09:57:10.827925+00:00", "created_by": "eb08768c-528e-46b9-a889-9083b0d43118", "deleted_at": null, "size_bytes": 1000, "object_path": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/c1a25cbe-1dc9-44f4-99e4-1fee1dba417c/5c90e96e-4adf-4292-9a0a-c01fd0aa49f5.webm", "declared_type": "audio/webm", "object_version": "1f781402-dda2-4a9b-b8c2-e6841cbbf3f2", "consultation_id": "c1a25cbe-1dc9-44f4-99e4-1fee1dba417c"}, {"id": "3b12ff25-235f-431e-b571-b0dad5a7ef92", "kind": "audio", "excluded": null, "bucket_id": "consultations", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "object_id": "76a10b81-3024-4db9-a660-530356d1e745", "created_at": "2026-11-22T09:57:10.840831+00:00", "created_by": "eb08768c-528e-46b9-a889-9083b0d43118", "deleted_at": null, "size_bytes": 1000, "object_path": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/40c0b51e-19b4-4ed5-94e5-4933d6a2ffff/48325caf-c7a8-46b0-9c04-01956c1cc8e8.webm", "declared_type": "audio/webm", "object_version": "06600bb1-4575-4d6a-83e3-21c843f7d113", "consultation_id": "40c0b51e-19b4-4ed5-94e5-4933d6a2ffff"}, {"id": "9a8b34af-4981-49b8-ad50-d776beb608c5", "kind": "audio", "excluded": null, "bucket_id": "consultations", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "object_id": "2d3d6b3b-614f-4690-989a-260a14221d5c", "created_at": "2026-11-22T09:57:10.85188+00:00", "created_by": "eb08768c-528e-46b9-a889-9083b0d43118", "deleted_at": null, "size_bytes": 1000, "object_path": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/4fc3ec3e-7553-4f24-ae89-dfb178e3f08c/044a1e9e-dcf0-4c5d-83d8-70189380c1c6.webm", "declared_type": "audio/webm", "object_version": "826ecaf9-aaa7-47ae-9ad3-38fd16eea3c4", "consultation_id": "4fc3ec3e-7553-4f24-ae89-dfb178e3f08c"}, {"id": "ae693806-8173-4fa1-9037-47250fc8a2f2", "kind": "audio", "excluded": null, "bucket_id": "consultations", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "object_id": "4e6bb38f-e0e0-448b-99fc-d2aadff34a6f", "created_at": "2026-11-22T09:57:10.85883+00:00", "created_by": "eb08768c-528e-46b9-a889-9083b0d43118", "deleted_at": null, "size_bytes": 1000, "object_path": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/c44a4b94-02d8-4433-a8a7-8bf1ff79c546/6bed70f1-e992-415a-9289-5e0794697d53.webm", "declared_type": "audio/webm", "object_version": "34f0c4de-e3a4-4e0b-bf9b-056a5d4a9a6a", "consultation_id": "c44a4b94-02d8-4433-a8a7-8bf1ff79c546"}, {"id": "996e1a4b-25e9-4b99-99d3-13f55cdad3ec", "kind": "audio", "excluded": null, "bucket_id": "consultations", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "object_id": "b1336b33-f55d-415c-b0a4-38f0c17f6695", "created_at": "2026-11-22T09:57:10.868774+00:00", "created_by": "9fa22ee8-a3d2-4910-96df-54368cb7eac2", "deleted_at": null, "size_bytes": 1000, "object_path": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/4bce2096-dd2b-462f-9cfe-e4ef560026aa/e15c63aa-6e65-41d9-9c8b-3ee7738ebc53.webm", "declared_type": "audio/webm", "object_version": "85145eec-4698-430f-9902-8b14e75b850c", "consultation_id": "4bce2096-dd2b-462f-9cfe-e4ef560026aa"}]$rows$);

insert into public.extractions overriding system value
select * from jsonb_populate_recordset(null::public.extractions, $rows$[{"part": 0, "found": {"content": true}, "model": "model", "usage": {}, "is_last": true, "segments": [{"kind": "speech", "text": "…"}], "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.791022+00:00", "to_seconds": null, "from_seconds": 0, "recording_id": "551a72b6-42b2-45c7-bedb-117b9862519e", "object_version": "d72a906f-d9e7-430a-bd71-0259aa9a5cb0", "prompt_version": "1"}]$rows$);

insert into public.summaries overriding system value
select * from jsonb_populate_recordset(null::public.summaries, $rows$[{"id": "852185b0-83d8-4597-841d-b2ccd8130fd9", "model": "model", "stage": null, "usage": {"calls": 1}, "amends": null, "status": "completed", "summary": "# Symptoms, corrected", "version": 3, "sections": [{"title": "Symptoms", "statements": []}], "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.774672+00:00", "error_code": null, "started_at": "2026-11-22T09:57:10.78703+00:00", "updated_at": "2026-11-22T09:57:10.816046+00:00", "approved_at": "2026-11-22T09:57:10.816408+00:00", "approved_by": "eb08768c-528e-46b9-a889-9083b0d43118", "completed_at": "2026-11-22T09:57:10.802861+00:00", "requested_by": "eb08768c-528e-46b9-a889-9083b0d43118", "submitted_by": "doctor", "error_message": null, "review_status": "approved", "prompt_version": "1", "consultation_id": "f9de31f4-0b29-4d07-b091-c63725827c5e", "template_config": null}, {"id": "be75c590-eedf-4d0d-baf8-110b6bf8f608", "model": "model", "stage": null, "usage": {"calls": 1}, "amends": "852185b0-83d8-4597-841d-b2ccd8130fd9", "status": "completed", "summary": "# Symptoms, corrected", "version": 1, "sections": [{"title": "Symptoms", "statements": []}], "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.819942+00:00", "error_code": null, "started_at": null, "updated_at": "2026-11-22T09:57:10.819942+00:00", "approved_at": null, "approved_by": null, "completed_at": "2026-11-22T09:57:10.82314+00:00", "requested_by": "eb08768c-528e-46b9-a889-9083b0d43118", "submitted_by": "doctor", "error_message": null, "review_status": "draft", "prompt_version": "1", "consultation_id": "f9de31f4-0b29-4d07-b091-c63725827c5e", "template_config": null}, {"id": "9499a612-e71f-4f26-9a8b-f55a566f5aeb", "model": null, "stage": null, "usage": null, "amends": null, "status": "failed", "summary": null, "version": 1, "sections": null, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.828942+00:00", "error_code": "model_unavailable", "started_at": "2026-11-22T09:57:10.833294+00:00", "updated_at": "2026-11-22T09:57:10.837024+00:00", "approved_at": null, "approved_by": null, "completed_at": null, "requested_by": "eb08768c-528e-46b9-a889-9083b0d43118", "submitted_by": "doctor", "error_message": "The model does not answer.", "review_status": "draft", "prompt_version": null, "consultation_id": "c1a25cbe-1dc9-44f4-99e4-1fee1dba417c", "template_config": null}, {"id": "893bee9d-915e-4189-88f7-df019cdc0557", "model": null, "stage": null, "usage": null, "amends": null, "status": "queued", "summary": null, "version": 1, "sections": null, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.841228+00:00", "error_code": "model_unavailable", "started_at": "2026-11-22T09:57:10.844714+00:00", "updated_at": "2026-11-22T09:57:10.84824+00:00", "approved_at": null, "approved_by": null, "completed_at": null, "requested_by": "eb08768c-528e-46b9-a889-9083b0d43118", "submitted_by": "doctor", "error_message": "The model does not answer.", "review_status": "draft", "prompt_version": null, "consultation_id": "40c0b51e-19b4-4ed5-94e5-4933d6a2ffff", "template_config": null}, {"id": "a35aca28-2539-4fb9-ae3e-ed17c5b747d7", "model": null, "stage": "extracting", "usage": null, "amends": null, "status": "processing", "summary": null, "version": 1, "sections": null, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.852334+00:00", "error_code": null, "started_at": "2026-11-22T09:57:10.85525+00:00", "updated_at": "2026-11-22T09:57:10.855293+00:00", "approved_at": null, "approved_by": null, "completed_at": null, "requested_by": "eb08768c-528e-46b9-a889-9083b0d43118", "submitted_by": "doctor", "error_message": null, "review_status": "draft", "prompt_version": null, "consultation_id": "4fc3ec3e-7553-4f24-ae89-dfb178e3f08c", "template_config": null}, {"id": "8d0fc972-0cc0-4c45-a6f6-6cdeeb5cf0ca", "model": null, "stage": null, "usage": null, "amends": null, "status": "cancelled", "summary": null, "version": 1, "sections": null, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.859217+00:00", "error_code": null, "started_at": "2026-11-22T09:57:10.862219+00:00", "updated_at": "2026-11-22T09:57:10.865349+00:00", "approved_at": null, "approved_by": null, "completed_at": null, "requested_by": "eb08768c-528e-46b9-a889-9083b0d43118", "submitted_by": "doctor", "error_message": null, "review_status": "draft", "prompt_version": null, "consultation_id": "c44a4b94-02d8-4433-a8a7-8bf1ff79c546", "template_config": null}, {"id": "a4f41db9-080e-4237-8cb4-b1290e5b40e8", "model": null, "stage": null, "usage": null, "amends": null, "status": "queued", "summary": null, "version": 1, "sections": null, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "created_at": "2026-11-22T09:57:10.869199+00:00", "error_code": null, "started_at": null, "updated_at": "2026-11-22T09:57:10.869199+00:00", "approved_at": null, "approved_by": null, "completed_at": null, "requested_by": "9fa22ee8-a3d2-4910-96df-54368cb7eac2", "submitted_by": "nurse", "error_message": null, "review_status": "draft", "prompt_version": null, "consultation_id": "4bce2096-dd2b-462f-9cfe-e4ef560026aa", "template_config": null}]$rows$);

insert into public.summary_recordings overriding system value
select * from jsonb_populate_recordset(null::public.summary_recordings, $rows$[{"code": null, "message": null, "outcome": "used", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "852185b0-83d8-4597-841d-b2ccd8130fd9", "recording_id": "551a72b6-42b2-45c7-bedb-117b9862519e", "object_version": "d72a906f-d9e7-430a-bd71-0259aa9a5cb0"}, {"code": null, "message": null, "outcome": "used", "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "be75c590-eedf-4d0d-baf8-110b6bf8f608", "recording_id": "551a72b6-42b2-45c7-bedb-117b9862519e", "object_version": "d72a906f-d9e7-430a-bd71-0259aa9a5cb0"}]$rows$);

insert into public.summary_revisions overriding system value
select * from jsonb_populate_recordset(null::public.summary_revisions, $rows$[{"summary": "# Symptoms", "version": 1, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "edited_at": "2026-11-22T09:57:10.811774+00:00", "edited_by": "eb08768c-528e-46b9-a889-9083b0d43118", "summary_id": "852185b0-83d8-4597-841d-b2ccd8130fd9"}]$rows$);

insert into public.summary_events overriding system value
select * from jsonb_populate_recordset(null::public.summary_events, $rows$[{"at": "2026-11-22T09:57:10.779285+00:00", "id": 1, "actor": "eb08768c-528e-46b9-a889-9083b0d43118", "event": "status", "detail": {"to": "queued"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "852185b0-83d8-4597-841d-b2ccd8130fd9"}, {"at": "2026-11-22T09:57:10.78881+00:00", "id": 2, "actor": null, "event": "status", "detail": {"to": "processing", "from": "queued", "attempt": 1}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "852185b0-83d8-4597-841d-b2ccd8130fd9"}, {"at": "2026-11-22T09:57:10.788854+00:00", "id": 3, "actor": null, "event": "stage", "detail": {"to": "extracting"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "852185b0-83d8-4597-841d-b2ccd8130fd9"}, {"at": "2026-11-22T09:57:10.805076+00:00", "id": 4, "actor": null, "event": "status", "detail": {"to": "completed", "from": "processing", "attempt": 1}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "852185b0-83d8-4597-841d-b2ccd8130fd9"}, {"at": "2026-11-22T09:57:10.8114+00:00", "id": 5, "actor": "eb08768c-528e-46b9-a889-9083b0d43118", "event": "edit", "detail": {"to": 2, "from": 1}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "852185b0-83d8-4597-841d-b2ccd8130fd9"}, {"at": "2026-11-22T09:57:10.817039+00:00", "id": 6, "actor": "eb08768c-528e-46b9-a889-9083b0d43118", "event": "review", "detail": {"to": "approved", "from": "draft"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "852185b0-83d8-4597-841d-b2ccd8130fd9"}, {"at": "2026-11-22T09:57:10.823836+00:00", "id": 7, "actor": "eb08768c-528e-46b9-a889-9083b0d43118", "event": "status", "detail": {"to": "completed", "amends": "852185b0-83d8-4597-841d-b2ccd8130fd9"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "be75c590-eedf-4d0d-baf8-110b6bf8f608"}, {"at": "2026-11-22T09:57:10.83011+00:00", "id": 8, "actor": "eb08768c-528e-46b9-a889-9083b0d43118", "event": "status", "detail": {"to": "queued"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "9499a612-e71f-4f26-9a8b-f55a566f5aeb"}, {"at": "2026-11-22T09:57:10.833734+00:00", "id": 9, "actor": null, "event": "status", "detail": {"to": "processing", "from": "queued", "attempt": 1}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "9499a612-e71f-4f26-9a8b-f55a566f5aeb"}, {"at": "2026-11-22T09:57:10.833765+00:00", "id": 10, "actor": null, "event": "stage", "detail": {"to": "extracting"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "9499a612-e71f-4f26-9a8b-f55a566f5aeb"}, {"at": "2026-11-22T09:57:10.837779+00:00", "id": 11, "actor": null, "event": "status", "detail": {"to": "failed", "code": "model_unavailable", "from": "processing", "attempt": 1}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "9499a612-e71f-4f26-9a8b-f55a566f5aeb"}, {"at": "2026-11-22T09:57:10.842005+00:00", "id": 12, "actor": "eb08768c-528e-46b9-a889-9083b0d43118", "event": "status", "detail": {"to": "queued"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "893bee9d-915e-4189-88f7-df019cdc0557"}, {"at": "2026-11-22T09:57:10.845077+00:00", "id": 13, "actor": null, "event": "status", "detail": {"to": "processing", "from": "queued", "attempt": 1}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "893bee9d-915e-4189-88f7-df019cdc0557"}, {"at": "2026-11-22T09:57:10.84511+00:00", "id": 14, "actor": null, "event": "stage", "detail": {"to": "extracting"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "893bee9d-915e-4189-88f7-df019cdc0557"}, {"at": "2026-11-22T09:57:10.848717+00:00", "id": 15, "actor": null, "event": "status", "detail": {"to": "queued", "code": "model_unavailable", "from": "processing", "attempt": 1}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "893bee9d-915e-4189-88f7-df019cdc0557"}, {"at": "2026-11-22T09:57:10.853015+00:00", "id": 16, "actor": "eb08768c-528e-46b9-a889-9083b0d43118", "event": "status", "detail": {"to": "queued"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "a35aca28-2539-4fb9-ae3e-ed17c5b747d7"}, {"at": "2026-11-22T09:57:10.855542+00:00", "id": 17, "actor": null, "event": "status", "detail": {"to": "processing", "from": "queued", "attempt": 1}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "a35aca28-2539-4fb9-ae3e-ed17c5b747d7"}, {"at": "2026-11-22T09:57:10.855568+00:00", "id": 18, "actor": null, "event": "stage", "detail": {"to": "extracting"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "a35aca28-2539-4fb9-ae3e-ed17c5b747d7"}, {"at": "2026-11-22T09:57:10.85989+00:00", "id": 19, "actor": "eb08768c-528e-46b9-a889-9083b0d43118", "event": "status", "detail": {"to": "queued"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "8d0fc972-0cc0-4c45-a6f6-6cdeeb5cf0ca"}, {"at": "2026-11-22T09:57:10.862516+00:00", "id": 20, "actor": null, "event": "status", "detail": {"to": "processing", "from": "queued", "attempt": 1}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "8d0fc972-0cc0-4c45-a6f6-6cdeeb5cf0ca"}, {"at": "2026-11-22T09:57:10.862543+00:00", "id": 21, "actor": null, "event": "stage", "detail": {"to": "extracting"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "8d0fc972-0cc0-4c45-a6f6-6cdeeb5cf0ca"}, {"at": "2026-11-22T09:57:10.866328+00:00", "id": 22, "actor": "eb08768c-528e-46b9-a889-9083b0d43118", "event": "status", "detail": {"to": "cancelled", "from": "processing", "attempt": 1}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "8d0fc972-0cc0-4c45-a6f6-6cdeeb5cf0ca"}, {"at": "2026-11-22T09:57:10.869743+00:00", "id": 23, "actor": "9fa22ee8-a3d2-4910-96df-54368cb7eac2", "event": "status", "detail": {"to": "queued"}, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "summary_id": "a4f41db9-080e-4237-8cb4-b1290e5b40e8"}]$rows$);

insert into private.summary_jobs overriding system value
select * from jsonb_populate_recordset(null::private.summary_jobs, $rows$[{"cleanup": false, "attempts": 1, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "left_over": false, "run_after": null, "progressed": true, "summary_id": "852185b0-83d8-4597-841d-b2ccd8130fd9", "lease_token": "2ac81ba2-b32e-46f9-a559-7804143aa453", "overwritten": [], "cleanup_token": null, "lease_expires_at": null, "recording_changes": 1, "cleanup_expires_at": null}, {"cleanup": true, "attempts": 1, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "left_over": false, "run_after": null, "progressed": false, "summary_id": "9499a612-e71f-4f26-9a8b-f55a566f5aeb", "lease_token": "c2c00eac-e892-417a-bf78-c3b24a00cacb", "overwritten": [], "cleanup_token": null, "lease_expires_at": null, "recording_changes": 1, "cleanup_expires_at": null}, {"cleanup": false, "attempts": 1, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "left_over": false, "run_after": "2026-11-22T09:57:18.586024+00:00", "progressed": false, "summary_id": "893bee9d-915e-4189-88f7-df019cdc0557", "lease_token": "f0c1333e-b371-4c61-862c-9242fa20fa40", "overwritten": [], "cleanup_token": null, "lease_expires_at": null, "recording_changes": 1, "cleanup_expires_at": null}, {"cleanup": true, "attempts": 1, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "left_over": false, "run_after": null, "progressed": false, "summary_id": "a35aca28-2539-4fb9-ae3e-ed17c5b747d7", "lease_token": "16e81c36-3082-4f62-983f-31e6d0079136", "overwritten": [], "cleanup_token": null, "lease_expires_at": "2026-11-22T09:57:09.856953+00:00", "recording_changes": 1, "cleanup_expires_at": null}, {"cleanup": true, "attempts": 1, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "left_over": false, "run_after": null, "progressed": false, "summary_id": "8d0fc972-0cc0-4c45-a6f6-6cdeeb5cf0ca", "lease_token": "a6b11987-6d38-41ee-818e-dc0f1ed6f814", "overwritten": [], "cleanup_token": null, "lease_expires_at": "2026-11-22T09:58:10.862127+00:00", "recording_changes": 1, "cleanup_expires_at": null}, {"cleanup": false, "attempts": 0, "clinic_id": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07", "left_over": false, "run_after": "2026-11-22T09:57:10.869486+00:00", "progressed": false, "summary_id": "a4f41db9-080e-4237-8cb4-b1290e5b40e8", "lease_token": null, "overwritten": [], "cleanup_token": null, "lease_expires_at": null, "recording_changes": null, "cleanup_expires_at": null}]$rows$);

insert into private.missed_uploads overriding system value
select * from jsonb_populate_recordset(null::private.missed_uploads, $rows$[{"at": "2026-11-22T09:57:10.872568+00:00", "id": 1, "tries": 0, "reason": "unknown_consultation", "replay": true, "bucket_id": "consultations", "object_path": "c1ee41f9-bfeb-4fd4-b870-91de99e99a07/3b9fa14e-295d-4bc6-8043-18a05ce3a382/50a14b4f-a7cd-4b06-83f4-9397aa407228.webm"}]$rows$);

select setval(pg_get_serial_sequence('public.summary_events', 'id'), (select max(id) from public.summary_events));

select setval(pg_get_serial_sequence('private.missed_uploads', 'id'), (select max(id) from private.missed_uploads));
