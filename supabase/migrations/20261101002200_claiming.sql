-- A worker takes a summary that is due.

create function public.claim_summary(p_id uuid, p_token uuid, p_lease_seconds integer default 60)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_settings summaries_private.settings;
  v_summary public.summaries;
  v_job summaries_private.summary_jobs;
begin
  select * into v_summary from public.summaries where id = p_id;
  if v_summary.status in ('completed', 'failed', 'cancelled') then
    return coalesce(
      summaries_private.claim_cleanup(p_id, p_token, p_lease_seconds),
      jsonb_build_object('outcome', 'nothing', 'status', v_summary.status));
  end if;
  perform summaries_private.lock_slots();
  select * into v_summary from public.summaries where id = p_id for no key update;
  select * into v_job from summaries_private.summary_jobs where summary_id = p_id;
  select * into v_settings from summaries_private.settings;
  if v_summary.status = 'processing' and v_job.lease_token = p_token then
    return jsonb_build_object('outcome', 'claimed', 'job', summaries_private.job(p_id));
  end if;
  if v_summary.status = 'queued' and v_job.run_after <= clock_timestamp() then
    if summaries_private.processing() >= v_settings.max_in_flight then
      return jsonb_build_object('outcome', 'full');
    end if;
    return summaries_private.begin_attempt(p_id, p_token, p_lease_seconds);
  end if;
  -- With its attempts used up it is left to the sweep, which locks the consultation first.
  if v_summary.status = 'processing' and v_job.lease_expires_at <= clock_timestamp()
    and v_job.attempts - v_job.progressed::integer < v_settings.max_attempts
  then
    return summaries_private.begin_attempt(p_id, p_token, p_lease_seconds);
  end if;
  return jsonb_build_object('outcome', 'nothing', 'status', v_summary.status);
end
$$;
comment on function public.claim_summary is
  'Worker. Takes this summary, when it is due or its lease ran out: {outcome: claimed, job} | {outcome: '
  'nothing, status} | {outcome: full}. One that has ended and may have left files at Gemini: {outcome: '
  'cleanup, summary_id, files: [{recording_id, object_version}]}.';
revoke all on function public.claim_summary from public, anon, authenticated, service_role;
grant execute on function public.claim_summary to service_role;

create function public.claim_next(p_token uuid, p_lease_seconds integer default 60)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_settings summaries_private.settings;
  v_id uuid;
begin
  perform summaries_private.lock_slots();
  select * into v_settings from summaries_private.settings;
  select s.id into v_id
  from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
  where s.status = 'processing' and j.lease_token = p_token;
  if found then
    return jsonb_build_object('outcome', 'claimed', 'job', summaries_private.job(v_id));
  end if;
  -- A lease that ran out has its slot already.
  select s.id into v_id
  from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
  where s.status = 'processing' and j.lease_expires_at <= clock_timestamp()
    and j.attempts - j.progressed::integer < v_settings.max_attempts
  order by j.lease_expires_at
  limit 1
  for no key update of s skip locked;
  if not found then
    if summaries_private.processing() >= v_settings.max_in_flight then
      return jsonb_build_object('outcome', 'full');
    end if;
    select s.id into v_id
    from summaries_private.next_in_line(v_settings.max_in_flight) with ordinality as n (id, place)
    join public.summaries s on s.id = n.id
    where s.status = 'queued'
    order by n.place
    limit 1
    for no key update of s skip locked;
  end if;
  if v_id is null then
    return jsonb_build_object('outcome', 'nothing', 'status', null);
  end if;
  return summaries_private.begin_attempt(v_id, p_token, p_lease_seconds);
end
$$;
comment on function public.claim_next is
  'Worker. Takes a summary whose lease ran out, else the next due one of the clinic served least: '
  '{outcome: claimed, job} | {outcome: nothing, status: null} | {outcome: full}.';
revoke all on function public.claim_next from public, anon, authenticated, service_role;
grant execute on function public.claim_next to service_role;
