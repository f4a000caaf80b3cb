-- A result is written, if it covers what the consultation holds by then.

create function summaries_private.unseen(p_consultation uuid, p_used jsonb) returns boolean
language sql security definer set search_path = '' as $$
  select exists (
    select from public.recordings r
    where r.consultation_id = p_consultation and r.deleted_at is null
      and (p_used @> jsonb_build_array(jsonb_build_object(
        'recording_id', r.id, 'object_version', r.object_version))) is not true
  )
$$;
comment on function summaries_private.unseen is
  'Whether the consultation has a recording, or a version of one, that is not in p_used.';
revoke all on function summaries_private.unseen from public, anon, authenticated, service_role;

create function summaries_private.look_at(p_id uuid, p_used jsonb) returns void
language sql security definer set search_path = '' as $$
  insert into public.summary_recordings
    (summary_id, recording_id, clinic_id, object_version, outcome, code, message)
  select s.id, r.id, r.clinic_id, u.object_version, u.outcome, u.code, u.message
  from public.summaries s
  join public.recordings r on r.consultation_id = s.consultation_id
  join jsonb_to_recordset(p_used) as u (
    recording_id uuid, object_version text, outcome text, code text, message text
  ) on u.recording_id = r.id
  where s.id = p_id
  on conflict do nothing
$$;
comment on function summaries_private.look_at is 'Writes down which files were looked at for a summary.';
revoke all on function summaries_private.look_at from public, anon, authenticated, service_role;

create function public.complete_summary(p_id uuid, p_token uuid, p_used jsonb, p_result jsonb)
returns text language plpgsql security definer set search_path = '' as $$
declare
  v_consultation uuid := summaries_private.lock_consultation(p_id);
begin
  if not summaries_private.holds(p_id, p_token) then
    return case when exists (
      select from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
      where s.id = p_id and s.status = 'completed' and j.lease_token = p_token
    ) then 'completed' else 'lost' end;
  end if;
  if summaries_private.unseen(v_consultation, p_used) or exists (
    select from jsonb_to_recordset(p_used) as u (recording_id uuid, object_version text, outcome text)
    where u.outcome = 'used' and not exists (
      select from public.recordings r
      where r.id = u.recording_id and r.object_version = u.object_version and r.deleted_at is null
        and r.consultation_id = v_consultation)
  ) then
    return 'stale';
  end if;
  perform summaries_private.look_at(p_id, p_used);
  update summaries_private.summary_jobs
  set lease_expires_at = null,
    cleanup = left_over or coalesce((p_result ->> 'left_files')::boolean, false)
  where summary_id = p_id;
  update public.summaries set
    status = 'completed', completed_at = clock_timestamp(),
    sections = p_result -> 'sections', summary = p_result ->> 'summary',
    model = p_result ->> 'model', prompt_version = p_result ->> 'prompt_version',
    usage = p_result -> 'usage', error_code = null, error_message = null
  where id = p_id;
  return 'completed';
end
$$;
comment on function public.complete_summary is
  'Worker. Writes the result: completed, again for the same token | stale, when p_used does not say what '
  'the consultation''s recordings are now | lost. p_used: [{recording_id, object_version, outcome: used | '
  'failed, code, message}]; p_result: {sections, summary, model, prompt_version, usage, left_files}.';
revoke all on function public.complete_summary from public, anon, authenticated, service_role;
grant execute on function public.complete_summary to service_role;
