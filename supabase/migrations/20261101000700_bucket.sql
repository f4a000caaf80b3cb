-- Where files are uploaded to: the bucket, its paths, and who may read and write there.

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('consultations', 'consultations', false, 52428800, array[
  'audio/*', 'image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/heif',
  -- Recorders use these for sound.
  'video/webm', 'video/mp4'
])
on conflict (id) do update set
  public = excluded.public, file_size_limit = excluded.file_size_limit,
  allowed_mime_types = excluded.allowed_mime_types;

create function summaries_private.path_ids(p_path text, out clinic_id uuid, out consultation_id uuid)
language sql immutable set search_path = '' as $$
  select summaries_private.as_uuid(p[1]), summaries_private.as_uuid(p[2])
  from regexp_match(p_path, '^([^/]+)/([^/]+)/[^/]+$') as p
$$;
comment on function summaries_private.path_ids is
  'Clinic and consultation in a path of the bucket; null for a path of another form.';
revoke all on function summaries_private.path_ids from public, anon, authenticated, service_role;

create function summaries_private.may_upload(p_path text) returns boolean
language sql stable security definer set search_path = '' as $$
  select summaries_private.as_uuid(split_part(split_part(p_path, '/', 3), '.', 1)) is not null
    and p_path ~ '^[^/]+/[^/]+/[^/.]+\.[a-z0-9]{1,8}$'
    and exists (
      select from summaries_private.path_ids(p_path) p
      join public.consultations c on c.id = p.consultation_id and c.clinic_id = p.clinic_id
      where c.clinic_id = any (array(select summaries_private.clinic_ids()))
    )
$$;
comment on function summaries_private.may_upload is
  'Whether the caller may put a file at this path: {clinic_id}/{consultation_id}/{uuid}.{ext}, in a '
  'consultation of theirs. A uuid, because names of files tend to be names of patients.';
revoke all on function summaries_private.may_upload from public, anon, authenticated, service_role;
grant execute on function summaries_private.may_upload to authenticated;

create policy "members read their clinics' files" on storage.objects
  for select to authenticated
  using (
    bucket_id = 'consultations'
    -- As text: a malformed name must not raise for everybody who lists.
    and split_part(name, '/', 1) = any (array(select c::text from summaries_private.clinic_ids() c))
  );
create policy "members upload into their clinics' consultations" on storage.objects
  for insert to authenticated
  with check (bucket_id = 'consultations' and summaries_private.may_upload(name));
