-- What was left behind is deleted by a worker that has nothing else to do, by one at a time.

create table summaries_private.cleaning (
  only_row boolean primary key default true check (only_row),
  token uuid,
  until timestamptz not null default '-infinity'
);
insert into summaries_private.cleaning default values;
comment on table summaries_private.cleaning is 'Who deletes files at this moment.';
comment on column summaries_private.cleaning.only_row is 'Always true, so that there is one row.';
comment on column summaries_private.cleaning.token is 'Made by the worker.';
comment on column summaries_private.cleaning.until is 'Nobody else does before.';
revoke all on summaries_private.cleaning from public, anon, authenticated, service_role;

create function summaries_private.files_of(p_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_consultation constant uuid := (select consultation_id from public.summaries where id = p_id);
begin
  return (
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
      from summaries_private.summary_jobs j, jsonb_to_recordset(j.overwritten) as o (
        recording_id uuid, object_version text)
      where j.summary_id = p_id
    ) f
  );
end
$$;
comment on function summaries_private.files_of is
  'Which files a summary may have left at Gemini: [{recording_id, object_version}].';
revoke all on function summaries_private.files_of from public, anon, authenticated, service_role;

create function summaries_private.claim_cleanup(p_token uuid, p_lease_seconds integer)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_id uuid;
  v_answer jsonb;
begin
  perform from summaries_private.cleaning where until <= v_now and only_row
  for no key update skip locked;
  if not found then
    return null;
  end if;
  select j.summary_id into v_id
  from summaries_private.summary_jobs j
  join public.summaries s on s.id = j.summary_id
  where j.cleanup_after <= v_now
    -- Another summary of the same recordings uses files of the same names.
    and not exists (
      select from public.summaries o
      where o.consultation_id = s.consultation_id and o.status = 'processing')
  order by j.cleanup_after limit 1
  for no key update of j skip locked;
  if found then
    -- Unless they are deleted by then, somebody tries again.
    update summaries_private.summary_jobs set cleanup_after = v_now + interval '5 minutes'
    where summary_id = v_id;
    v_answer := jsonb_build_object('outcome', 'cleanup', 'summary_id', v_id,
      'files', summaries_private.files_of(v_id));
  else
    v_answer := coalesce(summaries_private.claim_left_behind(), summaries_private.files_to_delete());
  end if;
  if v_answer is not null then
    update summaries_private.cleaning
    set token = p_token, until = v_now + make_interval(secs => p_lease_seconds) where only_row;
  end if;
  return v_answer;
end
$$;
comment on function summaries_private.claim_cleanup is
  'Gives what has to be deleted to p_token, as claim_next answers it; null when there is nothing, or '
  'somebody is at it.';
revoke all on function summaries_private.claim_cleanup from public, anon, authenticated, service_role;

create function public.cleaned_summary(p_token uuid, p_id uuid default null) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update summaries_private.cleaning set token = null, until = '-infinity'
  where token = p_token and only_row;
  if not found then
    return false;
  end if;
  update summaries_private.summary_jobs set cleanup = false, cleanup_after = null
  where summary_id = p_id and cleanup_after is not null;
  delete from summaries_private.left_behind where summary_id = p_id;
  return true;
end
$$;
comment on function public.cleaned_summary is
  'Worker. Done with what claim_next gave to p_token to delete. p_id: the summary whose files are gone at '
  'Gemini; null when some are left, or for files in Storage. False when it took too long.';
revoke all on function public.cleaned_summary from public, anon, authenticated, service_role;
grant execute on function public.cleaned_summary to service_role;
