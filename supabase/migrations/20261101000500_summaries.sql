-- A row here is the job and its result. What belongs to it: files looked at, the text before each edit,
-- the log of its changes, and the worker's side in summaries_private.

create table public.summaries (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null,
  consultation_id uuid not null,
  status text not null default 'queued'
    check (status in ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  stage text check (stage in ('extracting', 'composing', 'checking')),
  template_config jsonb check (summaries_private.valid_template(template_config)),
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
comment on column public.summaries.submitted_by is 'Who speaks on the recordings to whom; for the prompt. Left out: summaries_private.prepare_summary fills in the '
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

create table summaries_private.summary_jobs (
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
create index summary_jobs_queue on summaries_private.summary_jobs (clinic_id, run_after)
  where run_after is not null;
create index summary_jobs_cleanup on summaries_private.summary_jobs (summary_id) where cleanup;
comment on table summaries_private.summary_jobs is 'The worker''s side of a summary: when, who, how often.';
comment on column summaries_private.summary_jobs.run_after is 'Due from then on; null unless queued.';
comment on column summaries_private.summary_jobs.attempts is 'Claims so far, without those that made progress and ended.';
comment on column summaries_private.summary_jobs.lease_token is
  'Made by the caller of the claim, and kept after the end, so that a call whose answer was lost can be '
  'made again.';
comment on column summaries_private.summary_jobs.progressed is 'A part was saved since the claim.';
comment on column summaries_private.summary_jobs.recording_changes is
  'The consultation''s count at the claim: later changes may not have been seen.';
comment on column summaries_private.summary_jobs.cleanup is 'Files may be left at Gemini.';
comment on column summaries_private.summary_jobs.left_over is
  'Some of them an earlier attempt''s, of which the present worker need not know.';
comment on column summaries_private.summary_jobs.overwritten is
  '[{recording_id, object_version}]: versions that were replaced while their files may have been there.';
comment on column summaries_private.summary_jobs.cleanup_token is 'Who deletes them, until cleanup_expires_at.';

alter table public.summaries enable row level security;
alter table public.summary_recordings enable row level security;
alter table public.summary_revisions enable row level security;
alter table public.summary_events enable row level security;
revoke all on public.summaries, public.summary_recordings, public.summary_revisions,
  public.summary_events from public, anon, authenticated, service_role;
revoke all on summaries_private.summary_jobs, summaries_private.settings
  from public, anon, authenticated, service_role;

grant select on public.summaries, public.summary_recordings, public.summary_revisions,
  public.summary_events to authenticated, service_role;
grant insert (clinic_id, consultation_id, template_config, submitted_by, amends),
  update (status, summary, review_status, version) on public.summaries to authenticated;
grant insert (clinic_id, consultation_id, template_config, submitted_by, requested_by)
  on public.summaries to service_role;

create policy "members read their clinics' summaries" on public.summaries
  for select to authenticated using (clinic_id in (select summaries_private.clinic_ids()));
create policy "members ask for summaries" on public.summaries
  for insert to authenticated with check (clinic_id in (select summaries_private.clinic_ids()));
-- Who may change what of it, summaries_private.guard_summary decides.
create policy "members cancel and review their clinics' summaries" on public.summaries
  for update to authenticated
  using (clinic_id in (select summaries_private.clinic_ids()))
  with check (clinic_id in (select summaries_private.clinic_ids()));
create policy "members read which files were looked at" on public.summary_recordings
  for select to authenticated using (clinic_id in (select summaries_private.clinic_ids()));
create policy "members read earlier texts" on public.summary_revisions
  for select to authenticated using (clinic_id in (select summaries_private.clinic_ids()));
create policy "members read what happened to their clinics' summaries" on public.summary_events
  for select to authenticated using (clinic_id in (select summaries_private.clinic_ids()));

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
