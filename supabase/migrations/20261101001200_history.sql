-- What a summary was before: the text before each edit, and the log of its changes.

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
comment on table public.summary_revisions is
  'The text before each edit, clinical. Nobody has a grant to write, a trigger does.';
comment on column public.summary_revisions.version is 'Version that had this text.';
comment on column public.summary_revisions.edited_by is 'Who replaced it, at edited_at.';

alter table public.summary_revisions enable row level security;
revoke all on public.summary_revisions from public, anon, authenticated, service_role;
grant select on public.summary_revisions to authenticated, service_role;

create policy "members read earlier texts" on public.summary_revisions
  for select to authenticated using (clinic_id = any (array(select summaries_private.clinic_ids())));

create table public.summary_events (
  id bigint generated always as identity,
  clinic_id uuid not null,
  consultation_id uuid not null,
  summary_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  actor uuid,
  event text not null check (event in ('status', 'stage', 'edit', 'review', 'listen')),
  detail jsonb not null,
  primary key (id, at)
) partition by range (at);
create index on public.summary_events (summary_id, at);
comment on table public.summary_events is
  'What happened to a summary, in order. Append-only: nobody has a grant to write, a trigger does. '
  'Nothing clinical. Outlives what it tells of: its ids are no foreign keys. A partition a month.';
comment on column public.summary_events.event is
  'status | stage | edit | review | listen, a recording is to be listened to again.';
comment on column public.summary_events.actor is 'The user who did it; null for worker and sweep.';
comment on column public.summary_events.detail is
  '{from, to}; for a status also attempt, and code where there is an error; for an amendment amends; for an '
  'approval supersedes, where it followed one; for a listening {recording_id, take}.';

alter table public.summary_events enable row level security;
revoke all on public.summary_events from public, anon, authenticated, service_role;
grant select on public.summary_events to authenticated, service_role;

create policy "members read what happened to their clinics' summaries" on public.summary_events
  for select to authenticated
  using (clinic_id = any (array(select summaries_private.clinic_ids())));
