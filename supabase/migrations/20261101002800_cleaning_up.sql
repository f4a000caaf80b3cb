-- What an ended summary may have left at Gemini is deleted.

create function summaries_private.wants_cleanup(p_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from summaries_private.summary_jobs j
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
comment on function summaries_private.wants_cleanup is
  'Whether files of an ended summary should be deleted at Gemini now.';
revoke all on function summaries_private.wants_cleanup from public, anon, authenticated, service_role;

create function summaries_private.claim_cleanup(p_id uuid, p_token uuid, p_lease_seconds integer)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_consultation uuid;
begin
  select consultation_id into v_consultation from public.summaries where id = p_id for no key update;
  update summaries_private.summary_jobs j set
    cleanup_token = p_token,
    cleanup_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where j.summary_id = p_id and summaries_private.wants_cleanup(p_id);
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
      from summaries_private.summary_jobs j, jsonb_to_recordset(j.overwritten) as o (
        recording_id uuid, object_version text)
      where j.summary_id = p_id
    ) f
  ));
end
$$;
comment on function summaries_private.claim_cleanup is
  'Gives the deletion of what an ended summary left at Gemini to p_token; null when there is nothing to do.';
revoke all on function summaries_private.claim_cleanup from public, anon, authenticated, service_role;

create function public.cleaned_summary(p_id uuid, p_token uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update summaries_private.summary_jobs
  set cleanup = false, cleanup_token = null, cleanup_expires_at = null
  where summary_id = p_id and cleanup_token = p_token;
  return found;
end
$$;
comment on function public.cleaned_summary is
  'Worker. The files that claim_summary asked to clean up are deleted at Gemini.';
revoke all on function public.cleaned_summary from public, anon, authenticated, service_role;
grant execute on function public.cleaned_summary to service_role;
