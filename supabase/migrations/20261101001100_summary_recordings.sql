-- The files that were looked at for a summary.

create table public.summary_recordings (
  summary_id uuid not null,
  recording_id uuid not null,
  clinic_id uuid not null,
  object_version text not null,
  take integer not null default 1,
  outcome text not null check (outcome in ('used', 'partial', 'failed')),
  code text,
  message text,
  missing jsonb check (jsonb_typeof(missing) = 'array'),
  primary key (summary_id, recording_id),
  foreign key (summary_id, clinic_id) references public.summaries (id, clinic_id) on delete cascade,
  foreign key (recording_id, clinic_id) references public.recordings (id, clinic_id) on delete cascade
);
create index on public.summary_recordings (summary_id, clinic_id);
create index on public.summary_recordings (recording_id, clinic_id);
comment on table public.summary_recordings is
  'Every file that was looked at for a summary, those that could not be used too.';
comment on column public.summary_recordings.object_version is 'The version that was looked at.';
comment on column public.summary_recordings.take is 'Which listening to it.';
comment on column public.summary_recordings.outcome is
  'used | partial, some of it is missing | failed, all of it is.';
comment on column public.summary_recordings.code is 'Error code, when it could not be used as a whole.';
comment on column public.summary_recordings.message is 'The same as a sentence.';
comment on column public.summary_recordings.missing is
  '[{from_seconds, to_seconds, code}]: what the summary was made without; to_seconds null: to the end.';

alter table public.summary_recordings enable row level security;
revoke all on public.summary_recordings from public, anon, authenticated, service_role;
grant select on public.summary_recordings to authenticated, service_role;

create policy "members read which files were looked at" on public.summary_recordings
  for select to authenticated using (clinic_id = any (array(select summaries_private.clinic_ids())));
