-- The files that were looked at for a summary.

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
comment on column public.summary_recordings.object_version is 'The version that was looked at.';
comment on column public.summary_recordings.outcome is 'used | failed.';
comment on column public.summary_recordings.code is 'Error code, when it could not be used.';
comment on column public.summary_recordings.message is 'The same as a sentence.';

alter table public.summary_recordings enable row level security;
revoke all on public.summary_recordings from public, anon, authenticated, service_role;
grant select on public.summary_recordings to authenticated, service_role;

create policy "members read which files were looked at" on public.summary_recordings
  for select to authenticated using (clinic_id = any (array(select summaries_private.clinic_ids())));
