-- A result is written, if it covers what the consultation holds by then.

create function summaries_private.unseen(p_consultation uuid, p_used jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  return exists (
    select from public.recordings r
    where r.consultation_id = p_consultation and r.deleted_at is null
      and (p_used @> jsonb_build_array(jsonb_build_object(
        'recording_id', r.id, 'object_version', r.object_version, 'take', r.take))) is not true
  );
end
$$;
comment on function summaries_private.unseen is
  'Whether the consultation has a recording, or a version or take of one, that is not in p_used.';
revoke all on function summaries_private.unseen from public, anon, authenticated, service_role;

create function summaries_private.look_at(p_id uuid, p_used jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.summary_recordings
    (summary_id, recording_id, clinic_id, object_version, take, outcome, code, message, missing)
  select s.id, r.id, r.clinic_id, u.object_version, u.take, u.outcome, u.code, u.message, u.missing
  from public.summaries s
  join public.recordings r on r.consultation_id = s.consultation_id
  join jsonb_to_recordset(p_used) as u (
    recording_id uuid, object_version text, take integer, outcome text, code text, message text,
    missing jsonb
  ) on u.recording_id = r.id
  where s.id = p_id
  on conflict do nothing;
end
$$;
comment on function summaries_private.look_at is 'Writes down which files were looked at for a summary.';
revoke all on function summaries_private.look_at from public, anon, authenticated, service_role;

create function summaries_private.end_job(p_id uuid, p_failed boolean, p_left_files boolean) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_now constant timestamptz := clock_timestamp();
begin
  update summaries_private.summary_jobs set
    run_after = null, ages_from = null, ended_at = v_now, failed = p_failed, draft = null,
    cleanup = left_over or p_left_files,
    cleanup_after = case when left_over or p_left_files then v_now end
  where summary_id = p_id;
end
$$;
comment on function summaries_private.end_job is
  'The job of a summary that ends. p_left_files: whether its worker may have left files at Gemini.';
revoke all on function summaries_private.end_job from public, anon, authenticated, service_role;

create function public.complete_summary(
  p_id uuid, p_token uuid, p_used jsonb, p_result jsonb, p_next_token uuid default null,
  p_lease_seconds integer default 60, p_calls jsonb default '[]'
) returns jsonb language plpgsql security definer set search_path = ''
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_consultation constant uuid := summaries_private.lock_consultation(p_id);
  v_held constant boolean := summaries_private.holds(p_id, p_token);
  v_displaces boolean;
  v_next jsonb;
begin
  perform summaries_private.book_calls(p_id, p_token, p_calls);
  if not v_held then
    if not exists (
      select from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
      where s.id = p_id and s.status = 'completed' and j.lease_token = p_token
    ) then
      return jsonb_build_object('outcome', 'lost');
    end if;
    return jsonb_build_object('outcome', 'completed', 'next', summaries_private.claimed(p_next_token));
  end if;
  if summaries_private.unseen(v_consultation, p_used) or exists (
    select from jsonb_to_recordset(p_used) as u (recording_id uuid, object_version text, outcome text)
    where u.outcome <> 'failed' and not exists (
      select from public.recordings r
      where r.id = u.recording_id and r.object_version = u.object_version and r.deleted_at is null
        and r.consultation_id = v_consultation)
  ) then
    return jsonb_build_object('outcome', 'stale');
  end if;
  perform summaries_private.look_at(p_id, p_used);
  perform summaries_private.end_job(p_id, false,
    coalesce((p_result ->> 'left_files')::boolean, false));
  v_displaces := summaries_private.displaces(p_id, p_used);
  if v_displaces then
    perform summaries_private.step_aside(v_consultation);
  end if;
  update public.summaries set
    status = 'completed', completed_at = clock_timestamp(), is_current = v_displaces,
    sections = p_result -> 'sections', summary = p_result ->> 'summary',
    model = p_result ->> 'model', prompt_version = p_result ->> 'prompt_version',
    usage = p_result -> 'usage', error_code = null, error_message = null,
    incomplete = jsonb_path_exists(p_used, '$[*] ? (@.outcome != "used")')
  where id = p_id;
  perform summaries_private.model_answered();

  if p_next_token is not null then
    -- From here on fit_slots waits.
    perform from summaries_private.slots where summary_id = p_id for update;
    if not exists (select from summaries_private.slots where surplus) then
      perform summaries_private.settle(p_id);
      v_next := summaries_private.take_next(p_id, p_next_token, p_lease_seconds);
    end if;
  end if;
  if v_next ->> 'outcome' = 'claimed' then
    return jsonb_build_object('outcome', 'completed', 'next', v_next);
  end if;
  perform summaries_private.free_slot(p_id);
  if p_next_token is null and summaries_private.waits_for() is null and summaries_private.has_due() then
    perform summaries_private.wake();
  end if;
  return jsonb_build_object('outcome', 'completed', 'next', null);
end
$$;
comment on function public.complete_summary is
  'Worker. Writes the result: {outcome: completed, next}, again for the same token | {outcome: stale}, when '
  'p_used does not say what the consultation''s recordings are now | {outcome: lost}. p_used: '
  '[{recording_id, object_version, take, outcome: used | partial | failed, code, message, missing}]; '
  'p_result: {sections, summary, model, prompt_version, usage, left_files}; p_calls: as in save_extraction. '
  'next: with p_next_token and one due the next one, claimed with the same slot, else null.';
revoke all on function public.complete_summary from public, anon, authenticated, service_role;
grant execute on function public.complete_summary to service_role;
