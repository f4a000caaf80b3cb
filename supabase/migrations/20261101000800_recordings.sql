-- The files of a consultation, as Storage holds them.

create table public.recordings (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null,
  consultation_id uuid not null,
  bucket_id text not null,
  object_path text not null,
  object_id uuid not null,
  object_version text not null,
  take integer not null default 1 check (take >= 1),
  etag text,
  kind text not null check (kind in ('audio', 'image')),
  declared_type text,
  size_bytes bigint,
  created_by uuid,
  created_at timestamptz not null default clock_timestamp(),
  deleted_at timestamptz,
  deleted_by uuid,
  excluded text,
  unique (bucket_id, object_path),
  unique (id, clinic_id),
  foreign key (consultation_id, clinic_id)
    references public.consultations (id, clinic_id) on delete cascade
);
create index on public.recordings (consultation_id, clinic_id);
comment on table public.recordings is
  'Files in Storage, as the trigger on storage.objects saw them. Written by that trigger alone.';
comment on column public.recordings.bucket_id is 'Always consultations.';
comment on column public.recordings.object_path is '{clinic_id}/{consultation_id}/{uuid}.{ext}';
comment on column public.recordings.object_id is 'Id of the object in Storage.';
comment on column public.recordings.object_version is
  'Version of the object in Storage: another one after each overwrite.';
comment on column public.recordings.take is
  'Which listening to it counts, once it is complete: one more each time that somebody has it listened to '
  'again. Until then the one before.';
comment on column public.recordings.etag is
  'ETag of that version, in quotes, as Storage answers it: what is read with another one is not this '
  'version. Null where Storage named none.';
comment on column public.recordings.kind is
  'audio | image, as declared at upload; the worker looks at the bytes.';
comment on column public.recordings.declared_type is
  'Content-Type the uploader gave, parameters included.';
comment on column public.recordings.created_by is 'Who uploaded it; null for the service.';
comment on column public.recordings.deleted_at is
  'When the object left Storage or was moved away. The row stays: summaries name it.';
comment on column public.recordings.deleted_by is
  'The member who took it back; null where the service deleted it.';
comment on column public.recordings.excluded is
  'Why the file is not looked at: file_excluded, the consultation passes 100 MiB or 100 files with it; file_uploader_left, '
  'who uploaded it was no member any more.';

alter table public.recordings enable row level security;
revoke all on public.recordings from public, anon, authenticated, service_role;
grant select on public.recordings to authenticated, service_role;

create policy "members read their clinics' recordings" on public.recordings
  for select to authenticated using (clinic_id = any (array(select summaries_private.clinic_ids())));
