-- From a file in Storage to a recording and a summary.

create function summaries_private.is_hidden(p_path text) returns boolean
language sql immutable set search_path = '' as $$
  select p_path ~ '(^|/)\.[^/]*$'
$$;
comment on function summaries_private.is_hidden is
  'Whether the name begins with a dot: Studio keeps an empty folder by a file of 0 bytes, '
  '.emptyFolderPlaceholder. Nobody recorded it.';
revoke all on function summaries_private.is_hidden from public, anon, authenticated, service_role;

create function summaries_private.is_live(p_object jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select p_object ->> 'archived_at' is null
    and (p_object ->> 'is_delete_marker')::boolean is not true
$$;
comment on function summaries_private.is_live is
  'Whether a row of storage.objects is what Storage gives out. In a bucket with versioning there are rows '
  'of earlier versions and of deletions, too; older projects lack those columns.';
revoke all on function summaries_private.is_live from public, anon, authenticated, service_role;

create function summaries_private.sync_recording(p_bucket text, p_path text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  -- Bytes that a consultation may hold, and files.
  v_limit constant bigint := 104857600;
  v_most constant integer := 100;
  v_ids record;
  v_object record;
  v_recording public.recordings;
  v_size bigint;
  v_type text;
  v_left boolean;
begin
  if summaries_private.is_hidden(p_path) then
    return 'taken';
  end if;
  v_ids := summaries_private.path_ids(p_path);
  if v_ids.clinic_id is null or v_ids.consultation_id is null then
    return 'malformed_path';
  end if;
  update public.consultations set recording_changes = recording_changes + 1
  where id = v_ids.consultation_id and clinic_id = v_ids.clinic_id;
  if not found then
    if exists (
      select from storage.objects o
      where o.bucket_id = p_bucket and o.name = p_path and summaries_private.is_live(to_jsonb(o))
    ) then
      return 'unknown_consultation';
    end if;
    delete from summaries_private.orphans where object_path = p_path;
    return 'taken';
  end if;
  -- Read under the lock, so that the last of several changes is what stays.
  select o.id, o.version, o.owner_id, o.metadata into v_object
  from storage.objects o
  where o.bucket_id = p_bucket and o.name = p_path and summaries_private.is_live(to_jsonb(o))
  -- Two, until the earlier one is archived.
  order by o.created_at desc limit 1;

  if not found then
    update public.recordings set deleted_at = clock_timestamp()
    where bucket_id = p_bucket and object_path = p_path and deleted_at is null
    returning * into v_recording;
    if found and auth.uid() is not null then
      perform summaries_private.erase(v_recording.id, auth.uid());
    end if;
    -- A draft that was made from this file is made anew; what a doctor approved stays.
    if v_recording.id is not null and exists (
      select from public.current_summaries s
      join public.summary_recordings u using (summary_id)
      where s.consultation_id = v_ids.consultation_id and s.review_status <> 'approved'
        and u.recording_id = v_recording.id and u.outcome <> 'failed'
    ) and exists (
      select from public.recordings r
      where r.consultation_id = v_ids.consultation_id and r.deleted_at is null
    ) then
      perform summaries_private.ensure_summary(v_ids.consultation_id, v_recording.created_by);
    end if;
    return 'taken';
  end if;

  select * into v_recording from public.recordings
  where bucket_id = p_bucket and object_path = p_path and object_version <> v_object.version;
  if found then
    update summaries_private.summary_jobs j set overwritten = j.overwritten || jsonb_build_object(
      'recording_id', v_recording.id, 'object_version', v_recording.object_version)
    from public.summaries s
    where s.consultation_id = v_ids.consultation_id and j.summary_id = s.id and j.cleanup;
  end if;

  v_size := (v_object.metadata ->> 'size')::bigint;
  v_type := coalesce(v_object.metadata ->> 'mimetype', '');
  -- An upload that was begun by a member may end after they left.
  v_left := v_object.owner_id is not null and not exists (
    select from public.clinic_members m
    where m.clinic_id = v_ids.clinic_id and m.disabled_at is null
      and m.user_id = summaries_private.as_uuid(v_object.owner_id));
  insert into public.recordings as r (clinic_id, consultation_id, bucket_id, object_path, object_id,
    object_version, etag, kind, declared_type, size_bytes, created_by, excluded)
  values (
    v_ids.clinic_id, v_ids.consultation_id, p_bucket, p_path, v_object.id, v_object.version,
    nullif(v_object.metadata ->> 'eTag', ''),
    case when v_type ~* '^image/' or v_type !~* '^(audio|video)/' and p_path ~* '\.(jpe?g|png|webp|hei[cf])$'
      then 'image' else 'audio' end,
    nullif(v_type, ''), v_size, summaries_private.as_uuid(v_object.owner_id),
    case when v_left then 'file_uploader_left' when (
      select v_size + coalesce(sum(o.size_bytes), 0) > v_limit or count(*) >= v_most
      from public.recordings o
      where o.consultation_id = v_ids.consultation_id and o.object_path <> p_path
        and o.deleted_at is null and o.excluded is null
    ) then 'file_excluded' end
  )
  on conflict (bucket_id, object_path) do update set
    object_id = excluded.object_id, object_version = excluded.object_version,
    etag = excluded.etag, kind = excluded.kind, declared_type = excluded.declared_type,
    size_bytes = excluded.size_bytes, created_by = excluded.created_by,
    created_at = case when r.deleted_at is null then r.created_at else excluded.created_at end,
    deleted_at = null, deleted_by = null, excluded = excluded.excluded
  where (r.object_version, r.deleted_at) is distinct from (excluded.object_version, null)
  returning * into v_recording;
  if found and not v_left then
    perform summaries_private.ensure_summary(v_ids.consultation_id, v_recording.created_by);
  end if;
  return 'taken';
end
$$;
comment on function summaries_private.sync_recording is
  'Makes the recording of a path what Storage holds there now, and starts a summary where that changed '
  'something: taken | malformed_path | unknown_consultation. May be repeated.';
revoke all on function summaries_private.sync_recording from public, anon, authenticated, service_role;

create function summaries_private.take_object(p_bucket text, p_path text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_outcome text;
begin
  begin
    v_outcome := summaries_private.sync_recording(p_bucket, p_path);
  exception when others then
    v_outcome := sqlstate;
  end;
  if v_outcome <> 'taken' then
    insert into summaries_private.missed_uploads (bucket_id, object_path, reason, replay)
    values (p_bucket, p_path, v_outcome, v_outcome <> 'malformed_path');
  end if;
end
$$;
comment on function summaries_private.take_object is
  'Takes what Storage holds at a path into recordings; what goes wrong is written down.';
revoke all on function summaries_private.take_object from public, anon, authenticated, service_role;

create function summaries_private.object_changed() returns trigger
language plpgsql security definer set search_path = ''
-- Below deadlock_timeout, so that it is never an upload for which somebody else's transaction is ended.
set lock_timeout = '900ms'
as $$
declare
  v_bucket constant text := 'consultations';
  v_path text;
begin
  -- The probe for permission, which is rolled back.
  if new.version = '1' then
    return null;
  end if;
  -- Of columns that may not be there yet, so not in the trigger's own list.
  if tg_op = 'UPDATE'
    and (old.bucket_id, old.name, old.version, summaries_private.is_live(to_jsonb(old)))
      is not distinct from
      (new.bucket_id, new.name, new.version, summaries_private.is_live(to_jsonb(new)))
  then
    return null;
  end if;
  -- What a member takes back is erased with it, or not taken back.
  if tg_op = 'DELETE' and auth.uid() is not null and old.bucket_id = v_bucket then
    perform summaries_private.sync_recording(v_bucket, old.name);
    return null;
  end if;
  for v_path in
    -- In one order, so that two moves do not wait for each other.
    select distinct p from unnest(array[
      case when old.bucket_id = v_bucket then old.name end,
      case when new.bucket_id = v_bucket then new.name end
    ]) p where p is not null order by p
  loop
    perform summaries_private.take_object(v_bucket, v_path);
  end loop;
  return null;
exception when others then
  if tg_op = 'DELETE' and auth.uid() is not null then
    raise;
  end if;
  raise warning 'upload not taken (%)', sqlstate;
  return null;
end
$$;
comment on function summaries_private.object_changed is
  'Takes uploads, overwrites, moves and deletions into recordings. Never makes one of them fail, but what a '
  'member takes back: what goes wrong is written down, and replayed by the sweep.';
revoke all on function summaries_private.object_changed from public, anon, authenticated, service_role;

create function summaries_private.take_unnoticed() returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_path text;
begin
  for v_path in
    select o.name from storage.objects o
    where o.bucket_id = 'consultations'
      and greatest(o.created_at, o.updated_at) > clock_timestamp() - interval '1 hour'
      and not summaries_private.is_hidden(o.name) and summaries_private.is_live(to_jsonb(o))
      and not exists (
        select from public.recordings r
        where r.bucket_id = o.bucket_id and r.object_path = o.name
          and r.object_version = o.version and r.deleted_at is null)
      and not exists (
        select from summaries_private.missed_uploads m
        where m.bucket_id = o.bucket_id and m.object_path = o.name)
    order by o.created_at
    limit 100
  loop
    perform summaries_private.take_object('consultations', v_path);
  end loop;
end
$$;
comment on function summaries_private.take_unnoticed is
  'Takes uploads, overwrites and moves of the last hour that the trigger was not there for, a hundred at '
  'most.';
revoke all on function summaries_private.take_unnoticed from public, anon, authenticated, service_role;

create function summaries_private.watch_uploads() returns void
language plpgsql set search_path = ''
-- Uploads wait while the trigger is created: rather give up.
set lock_timeout = '5s'
as $$
begin
  create or replace trigger take_recording after insert or delete or update on storage.objects
    for each row execute function summaries_private.object_changed();
  perform summaries_private.take_unnoticed();
end
$$;
comment on function summaries_private.watch_uploads is
  'For an operator, in SQL. Puts the trigger on storage.objects, and takes what came without it: a project '
  'that was moved by dump and restore lacks it. May be repeated.';
revoke all on function summaries_private.watch_uploads from public, anon, authenticated, service_role;

create function summaries_private.watches_uploads() returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from pg_catalog.pg_trigger t
    where t.tgrelid = 'storage.objects'::regclass and t.tgenabled in ('O', 'A')
      and t.tgfoid = 'summaries_private.object_changed'::regproc
  )
$$;
comment on function summaries_private.watches_uploads is
  'Whether the trigger on storage.objects is there, and on.';
revoke all on function summaries_private.watches_uploads from public, anon, authenticated, service_role;

select summaries_private.watch_uploads();
