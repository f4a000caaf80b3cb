-- What a worker calls between its claim and the end.

create function public.heartbeat_summary(
  p_id uuid, p_token uuid, p_stage text, p_lease_seconds integer default 60
) returns boolean language plpgsql security definer set search_path = ''
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  update summaries_private.slots
  set lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where summary_id = p_id and lease_token = p_token;
  if not found then
    return false;
  end if;
  -- Whoever edits the summary at this moment, cancels it, or the stage is told next time.
  update public.summaries s set stage = p_stage
  from (
    select id from public.summaries
    where id = p_id and status = 'processing' and stage is distinct from p_stage
    for no key update skip locked
  ) mine
  where s.id = mine.id;
  return true;
end
$$;
comment on function public.heartbeat_summary is
  'Worker. Extends the lease and tells the stage; false when the lease is lost or the summary cancelled.';
revoke all on function public.heartbeat_summary from public, anon, authenticated, service_role;
grant execute on function public.heartbeat_summary to service_role;

create function public.summary_inputs(p_id uuid, p_token uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (
    select from summaries_private.slots where summary_id = p_id and lease_token = p_token
  ) then
    return null;
  end if;
  return summaries_private.inputs(p_id);
end
$$;
comment on function public.summary_inputs is
  'Worker. What the summary is made of by now, as claim_next answered it; null when the lease is lost.';
revoke all on function public.summary_inputs from public, anon, authenticated, service_role;
grant execute on function public.summary_inputs to service_role;

create function summaries_private.note_progress(p_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update summaries_private.summary_jobs
  set progressed = true, fruitless = 0, undecided = 0, released = 0, failing_since = null
  where summary_id = p_id and not progressed;
  perform summaries_private.model_answered();
end
$$;
comment on function summaries_private.note_progress is
  'The model gave something that is kept: attempts are counted anew.';
revoke all on function summaries_private.note_progress from public, anon, authenticated, service_role;

create function public.save_extraction(
  p_id uuid, p_token uuid, p_recording uuid, p_object_version text, p_part jsonb,
  p_stage text default null, p_calls jsonb default '[]'
) returns jsonb language plpgsql security definer set search_path = ''
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_held constant boolean :=
    summaries_private.lock_consultation(p_id) is not null and summaries_private.holds(p_id, p_token);
  v_outcome text := 'exists';
begin
  perform summaries_private.book_calls(p_id, p_token, p_calls);
  if not v_held then
    return jsonb_build_object('outcome', 'lost', 'may_spend', false);
  end if;
  update public.summaries set stage = p_stage where id = p_id and stage <> p_stage;
  insert into public.extractions (recording_id, object_version, take, part, clinic_id, from_seconds,
    to_seconds, is_last, segments, found, model, prompt_version, usage)
  select r.id, p_object_version, (p_part ->> 'take')::integer, (p_part ->> 'part')::integer, r.clinic_id,
    (p_part ->> 'from_seconds')::numeric, (p_part ->> 'to_seconds')::numeric,
    (p_part ->> 'is_last')::boolean, p_part -> 'segments', p_part -> 'found', p_part ->> 'model',
    p_part ->> 'prompt_version', p_part -> 'usage'
  from public.summaries s join public.recordings r on r.consultation_id = s.consultation_id
  -- What was taken back meanwhile is not kept.
  where s.id = p_id and r.id = p_recording and r.deleted_at is null
  on conflict do nothing;
  if found then
    v_outcome := 'saved';
    perform summaries_private.note_progress(p_id);
  end if;
  return jsonb_build_object('outcome', v_outcome, 'may_spend', summaries_private.may_spend(p_id));
end
$$;
comment on function public.save_extraction is
  'Worker. Keeps a part of a recording: {outcome: saved | exists (the first writer won) | lost, may_spend: '
  'whether the budget has room for another call of the model}. A new part is '
  'progress: attempts are counted anew. p_part: {take, part, from_seconds, to_seconds, is_last, segments, '
  'found, model, prompt_version, usage}. p_stage: what the worker does next, where that is something else. '
  'p_calls: what the model was paid for since the last call that told it, as in model_calls.';
revoke all on function public.save_extraction from public, anon, authenticated, service_role;
grant execute on function public.save_extraction to service_role;

create function public.save_draft(p_id uuid, p_token uuid, p_draft jsonb, p_calls jsonb default '[]')
returns jsonb language plpgsql security definer set search_path = ''
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_held constant boolean :=
    summaries_private.lock_consultation(p_id) is not null and summaries_private.holds(p_id, p_token);
begin
  perform summaries_private.book_calls(p_id, p_token, p_calls);
  if not v_held then
    return jsonb_build_object('outcome', 'lost', 'may_spend', false);
  end if;
  update public.summaries s set stage = d.stage
  from (select case when p_draft ? 'settled' then 'verifying' else 'checking' end as stage) d
  where s.id = p_id and s.stage <> d.stage;
  -- It may hold words of a recording that was taken back meanwhile.
  update summaries_private.summary_jobs set draft = p_draft
  where summary_id = p_id and not exists (
    select from public.summaries s join public.recordings r on r.consultation_id = s.consultation_id
    where s.id = p_id and r.deleted_at > s.started_at);
  perform summaries_private.note_progress(p_id);
  return jsonb_build_object('outcome', 'saved', 'may_spend', summaries_private.may_spend(p_id));
end
$$;
comment on function public.save_draft is
  'Worker. Keeps a composition that has to be repaired or, once it is settled, read again, for this attempt '
  'or a further one, and tells the stage: {outcome: saved | lost, may_spend}. may_spend, p_calls: as in '
  'save_extraction.';
revoke all on function public.save_draft from public, anon, authenticated, service_role;
grant execute on function public.save_draft to service_role;

create function public.tell_calls(p_id uuid, p_token uuid, p_calls jsonb) returns boolean
language plpgsql security definer set search_path = ''
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  perform summaries_private.book_calls(p_id, p_token, p_calls);
  return summaries_private.may_spend(p_id);
end
$$;
comment on function public.tell_calls is
  'Worker. Writes down what the model was paid for where nothing came of it that is saved, before it is '
  'asked again; answers may_spend, p_calls as in save_extraction.';
revoke all on function public.tell_calls from public, anon, authenticated, service_role;
grant execute on function public.tell_calls to service_role;
