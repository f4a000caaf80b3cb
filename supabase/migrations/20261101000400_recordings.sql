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
  for select to authenticated using (clinic_id in (select summaries_private.clinic_ids()));
create policy "members read their clinics' extractions" on public.extractions
  for select to authenticated using (clinic_id in (select summaries_private.clinic_ids()));
