-- What the worker calls, as service_role. Rules that hold for all of it:
-- * The caller makes the lease token. Every write carries it, and one that isn't the lease's any more
--   changes nothing; the same call again gives the same answer.
-- * Locks are taken in the order consultation, summary, job. Whoever inserts something with a foreign
--   key to the consultation or its recordings takes the consultation first.
-- * clock_timestamp(), because a call may have waited for a lock.

create function summaries_private.lock_slots() returns void
language sql security definer set search_path = '' as $$
  select pg_advisory_xact_lock(hashtextextended('generate-summary slots', 0))
$$;
comment on function summaries_private.lock_slots is
  'Claims take turns, or two of them would both take the last slot. Taken after a consultation''s lock, '
  'before a summary''s.';
revoke all on function summaries_private.lock_slots from public, anon, authenticated, service_role;

create function summaries_private.lock_consultation(p_summary uuid) returns uuid
language sql security definer set search_path = '' as $$
  select c.id from public.consultations c
  where c.id = (select s.consultation_id from public.summaries s where s.id = p_summary)
  for no key update
$$;
comment on function summaries_private.lock_consultation is
  'Locks the consultation of a summary; uploads to it wait. Null when it is gone.';
revoke all on function summaries_private.lock_consultation from public, anon, authenticated, service_role;

create function summaries_private.holds(p_id uuid, p_token uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.summaries where id = p_id and status = 'processing' for no key update;
  -- A statement of its own sees what was committed while the lock was waited for.
  return found and exists (
    select from summaries_private.summary_jobs where summary_id = p_id and lease_token = p_token
  );
end
$$;
comment on function summaries_private.holds is
  'Locks the summary; whether p_token is the lease under which it is processed. A lease that ran out still '
  'holds until somebody takes the summary back.';
revoke all on function summaries_private.holds from public, anon, authenticated, service_role;

create function summaries_private.job(p_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'summary_id', s.id, 'clinic_id', s.clinic_id, 'consultation_id', s.consultation_id,
    'status', s.status, 'submitted_by', s.submitted_by, 'requested_by', s.requested_by,
    'attempt', j.attempts, 'max_attempts', t.max_attempts, 'lease_expires_at', j.lease_expires_at)
  from public.summaries s
  join summaries_private.summary_jobs j on j.summary_id = s.id
  cross join summaries_private.settings t
  where s.id = p_id
$$;
comment on function summaries_private.job is 'A claimed summary as the worker gets it.';
revoke all on function summaries_private.job from public, anon, authenticated, service_role;

create function summaries_private.begin_attempt(p_id uuid, p_token uuid, p_lease_seconds integer)
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
  update summaries_private.summary_jobs j set
    run_after = null,
    -- An attempt that was cut off after it had made progress is given back.
    attempts = j.attempts + 1 - (s.status = 'processing' and j.progressed)::integer,
    lease_token = p_token,
    lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds),
    progressed = false,
    recording_changes = c.recording_changes,
    left_over = j.cleanup,
    cleanup = true
  from public.summaries s
  join public.consultations c on c.id = s.consultation_id
  where s.id = p_id and j.summary_id = p_id;
  update public.summaries set
    status = 'processing', stage = 'extracting', started_at = clock_timestamp()
  where id = p_id;
  return jsonb_build_object('outcome', 'claimed', 'job', summaries_private.job(p_id));
end
$$;
comment on function summaries_private.begin_attempt is
  'Gives a summary that the caller has locked to p_token.';
revoke all on function summaries_private.begin_attempt from public, anon, authenticated, service_role;

create function summaries_private.requeue(p_id uuid, p_wait_seconds numeric) returns timestamptz
language plpgsql security definer set search_path = '' as $$
declare
  v_run_after timestamptz := clock_timestamp() + make_interval(secs => p_wait_seconds);
begin
  update summaries_private.summary_jobs set run_after = v_run_after, lease_expires_at = null
  where summary_id = p_id;
  update public.summaries set status = 'queued' where id = p_id;
  return v_run_after;
end
$$;
comment on function summaries_private.requeue is 'Puts a summary that the caller has locked back into the queue.';
revoke all on function summaries_private.requeue from public, anon, authenticated, service_role;

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

create function summaries_private.ensure_summary(p_consultation uuid, p_user uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.summaries (clinic_id, consultation_id, requested_by, submitted_by)
  select c.clinic_id, c.id, p_user,
    (select m.role from public.clinic_members m
      where m.clinic_id = c.clinic_id and m.user_id = p_user and m.role <> 'admin')
  from public.consultations c
  join public.clinics k on k.id = c.clinic_id
  where c.id = p_consultation and k.auto_summarize
  on conflict (consultation_id) where status in ('queued', 'processing') do nothing;
end
$$;
comment on function summaries_private.ensure_summary is
  'An active summary exists afterwards, unless the clinic turned that off. The caller has locked the '
  'consultation.';
revoke all on function summaries_private.ensure_summary from public, anon, authenticated, service_role;

create function summaries_private.end_failed(
  p_id uuid, p_code text, p_message text, p_used jsonb, p_left_files boolean
) returns void language plpgsql security definer set search_path = '' as $$
declare
  v_ended public.summaries;
begin
  perform summaries_private.look_at(p_id, p_used);
  update summaries_private.summary_jobs
  set run_after = null, lease_expires_at = null, cleanup = p_left_files or left_over
  where summary_id = p_id;
  update public.summaries set status = 'failed', error_code = p_code, error_message = p_message
  where id = p_id
  returning * into v_ended;
  -- What was uploaded since the claim found an active summary, and started none of its own.
  if summaries_private.unseen(v_ended.consultation_id, p_used) and exists (
    select from public.consultations c join summaries_private.summary_jobs j on j.summary_id = p_id
    where c.id = v_ended.consultation_id and c.recording_changes > j.recording_changes
  ) then
    perform summaries_private.ensure_summary(v_ended.consultation_id, v_ended.requested_by);
  end if;
end
$$;
comment on function summaries_private.end_failed is
  'Ends a summary for good. The caller has locked consultation and summary.';
revoke all on function summaries_private.end_failed from public, anon, authenticated, service_role;

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

create function public.request_summary(
  p_consultation uuid, p_user uuid, p_token uuid, p_template jsonb default null,
  p_submitted_by text default null, p_lease_seconds integer default 60
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_clinic uuid;
  v_template jsonb := nullif(p_template, 'null');
  v_submitted_by text;
  v_active public.summaries;
  v_wait integer;
  v_id uuid;
begin
  select c.clinic_id, coalesce(p_submitted_by, nullif(m.role, 'admin'), 'doctor')
  into v_clinic, v_submitted_by
  from public.consultations c
  join public.clinic_members m on m.clinic_id = c.clinic_id
  where c.id = p_consultation and m.user_id = p_user and m.disabled_at is null
  for no key update of c;
  if not found then
    return jsonb_build_object('outcome', 'refused', 'code', 'not_found', 'retry_after', null);
  end if;

  select s.* into v_active
  from public.summaries s
  where s.consultation_id = p_consultation and s.status in ('queued', 'processing');
  if found then
    if v_active.status = 'processing' and exists (
      select from summaries_private.summary_jobs j
      where j.summary_id = v_active.id and j.lease_token = p_token
    ) then
      return jsonb_build_object('outcome', 'claimed', 'job', summaries_private.job(v_active.id));
    end if;
    return jsonb_build_object(
      'outcome', 'active', 'summary_id', v_active.id, 'status', v_active.status,
      'same', v_active.template_config is not distinct from v_template
        and (p_submitted_by is null or v_active.submitted_by = p_submitted_by));
  end if;

  if not exists (
    select from public.recordings r
    where r.consultation_id = p_consultation and r.deleted_at is null
  ) then
    return jsonb_build_object('outcome', 'refused', 'code', 'no_recordings', 'retry_after', null);
  end if;
  v_wait := summaries_private.seconds_to_wait(v_clinic, p_user);
  if v_wait is not null then
    return jsonb_build_object('outcome', 'refused', 'code', 'rate_limited', 'retry_after', v_wait);
  end if;

  perform summaries_private.lock_slots();
  insert into public.summaries
    (clinic_id, consultation_id, template_config, submitted_by, requested_by, status)
  values (v_clinic, p_consultation, v_template, v_submitted_by, p_user,
    case when summaries_private.processing() < (select max_in_flight from summaries_private.settings)
      then 'processing' else 'queued' end)
  on conflict (consultation_id) where status in ('queued', 'processing') do nothing
  returning * into v_active;
  if not found then
    -- Somebody inserted one just now: the same call again finds it.
    return public.request_summary(
      p_consultation, p_user, p_token, p_template, p_submitted_by, p_lease_seconds);
  end if;
  if v_active.status = 'queued' then
    return jsonb_build_object('outcome', 'queued', 'summary_id', v_active.id, 'status', 'queued');
  end if;
  return summaries_private.begin_attempt(v_active.id, p_token, p_lease_seconds);
end
$$;
comment on function public.request_summary is
  'Worker, for a user who asks. {outcome: claimed, job} | {outcome: queued, summary_id, status} when no slot '
  'is free | {outcome: active, summary_id, status, same} when one is under way; same: it asks for the same '
  'template, and the same submitted_by where one is given | {outcome: refused, code: not_found | no_recordings | rate_limited, '
  'retry_after: seconds}. Without p_submitted_by: as the user''s role says.';
revoke all on function public.request_summary from public, anon, authenticated, service_role;
grant execute on function public.request_summary to service_role;

create function public.heartbeat_summary(
  p_id uuid, p_token uuid, p_stage text, p_lease_seconds integer default 60
) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  if not summaries_private.holds(p_id, p_token) then
    return false;
  end if;
  update summaries_private.summary_jobs
  set lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where summary_id = p_id;
  update public.summaries set stage = p_stage where id = p_id and stage is distinct from p_stage;
  return true;
end
$$;
comment on function public.heartbeat_summary is
  'Worker. Extends the lease and tells the stage; false when the lease is lost or the summary cancelled.';
revoke all on function public.heartbeat_summary from public, anon, authenticated, service_role;
grant execute on function public.heartbeat_summary to service_role;

create function public.summary_inputs(p_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'summary_id', s.id, 'clinic_id', s.clinic_id, 'consultation_id', s.consultation_id,
    'submitted_by', s.submitted_by,
    'templates', jsonb_build_object('clinic', k.template_config,
      'consultation', c.template_config, 'summary', s.template_config),
    'recordings', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'recording_id', r.id, 'bucket_id', r.bucket_id, 'object_path', r.object_path,
        'object_id', r.object_id, 'object_version', r.object_version, 'kind', r.kind,
        'declared_type', r.declared_type, 'size_bytes', r.size_bytes, 'created_at', r.created_at,
        'excluded', r.excluded,
        'extractions', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'part', e.part, 'from_seconds', e.from_seconds, 'to_seconds', e.to_seconds,
            'is_last', e.is_last, 'segments', e.segments, 'found', e.found, 'model', e.model,
            'prompt_version', e.prompt_version, 'usage', e.usage) order by e.part), '[]')
          from public.extractions e
          where e.recording_id = r.id and e.object_version = r.object_version)
      ) order by r.created_at, r.id), '[]')
      from public.recordings r
      where r.consultation_id = s.consultation_id and r.deleted_at is null)
  )
  from public.summaries s
  join public.consultations c on c.id = s.consultation_id
  join public.clinics k on k.id = s.clinic_id
  where s.id = p_id
$$;
comment on function public.summary_inputs is
  'Worker. What the summary is made of: templates {clinic, consultation, summary}, and the recordings that '
  'are there now with the extractions of their present version, oldest first.';
revoke all on function public.summary_inputs from public, anon, authenticated, service_role;
grant execute on function public.summary_inputs to service_role;

create function public.save_extraction(
  p_id uuid, p_token uuid, p_recording uuid, p_object_version text, p_part jsonb
) returns text language plpgsql security definer set search_path = '' as $$
begin
  if summaries_private.lock_consultation(p_id) is null or not summaries_private.holds(p_id, p_token) then
    return 'lost';
  end if;
  insert into public.extractions (recording_id, object_version, part, clinic_id, from_seconds,
    to_seconds, is_last, segments, found, model, prompt_version, usage)
  select r.id, p_object_version, (p_part ->> 'part')::integer, r.clinic_id,
    (p_part ->> 'from_seconds')::numeric, (p_part ->> 'to_seconds')::numeric,
    (p_part ->> 'is_last')::boolean, p_part -> 'segments', p_part -> 'found', p_part ->> 'model',
    p_part ->> 'prompt_version', p_part -> 'usage'
  from public.summaries s join public.recordings r on r.consultation_id = s.consultation_id
  where s.id = p_id and r.id = p_recording
  on conflict do nothing;
  if not found then
    return 'exists';
  end if;
  update summaries_private.summary_jobs set progressed = true where summary_id = p_id and not progressed;
  return 'saved';
end
$$;
comment on function public.save_extraction is
  'Worker. Keeps a part of a recording: saved | exists (the first writer won) | lost. A new part is progress. '
  'p_part: {part, from_seconds, to_seconds, is_last, segments, found, model, prompt_version, usage}.';
revoke all on function public.save_extraction from public, anon, authenticated, service_role;
grant execute on function public.save_extraction to service_role;

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

create function summaries_private.backoff_seconds(p_attempts integer, p_retry_after integer) returns numeric
language sql volatile set search_path = '' as $$
  -- 10 s, 20 s, 40 s… up to ten minutes; a random half of it is taken off.
  select greatest(
    least(10 * 2 ^ (p_attempts - 1), 600) * (0.5 + random() / 2), p_retry_after)::numeric
$$;
comment on function summaries_private.backoff_seconds is
  'How long to wait after this many attempts: exponential with half jitter, at least p_retry_after.';
revoke all on function summaries_private.backoff_seconds from public, anon, authenticated, service_role;

create function public.fail_summary(
  p_id uuid, p_token uuid, p_code text, p_message text, p_retryable boolean,
  p_retry_after integer default null, p_used jsonb default '[]', p_left_files boolean default false
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_attempts integer;
  v_status text;
  v_run_after timestamptz;
begin
  perform summaries_private.lock_consultation(p_id);
  if not summaries_private.holds(p_id, p_token) then
    select s.status, j.run_after into v_status, v_run_after
    from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
    where s.id = p_id and j.lease_token = p_token and s.status in ('queued', 'failed');
    return jsonb_build_object('outcome', coalesce(v_status, 'lost')) || case
      when v_status = 'queued' then jsonb_build_object('run_after', v_run_after) else '{}' end;
  end if;
  select attempts into v_attempts from summaries_private.summary_jobs where summary_id = p_id;
  if p_retryable and v_attempts < (select max_attempts from summaries_private.settings) then
    update summaries_private.summary_jobs set cleanup = p_left_files or left_over where summary_id = p_id;
    update public.summaries set error_code = p_code, error_message = p_message where id = p_id;
    v_run_after := summaries_private.requeue(p_id, summaries_private.backoff_seconds(v_attempts, p_retry_after));
    return jsonb_build_object('outcome', 'queued', 'run_after', v_run_after);
  end if;
  perform summaries_private.end_failed(p_id, p_code, p_message, p_used, p_left_files);
  return jsonb_build_object('outcome', 'failed');
end
$$;
comment on function public.fail_summary is
  'Worker. {outcome: queued, run_after} while it is retryable and attempts are left | {outcome: failed} | '
  '{outcome: lost}. p_retry_after: seconds, the least to wait. p_message: nothing clinical.';
revoke all on function public.fail_summary from public, anon, authenticated, service_role;
grant execute on function public.fail_summary to service_role;

create function summaries_private.give_back(p_id uuid, p_killed boolean) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_attempts integer;
  v_summary public.summaries;
begin
  update summaries_private.summary_jobs set
    attempts = attempts - progressed::integer, progressed = false, lease_token = null
  where summary_id = p_id
  returning attempts into v_attempts;
  if v_attempts < (select max_attempts from summaries_private.settings) then
    -- Once is bad luck. One that kills its worker must not take the same others with it each time.
    perform summaries_private.requeue(p_id, case when p_killed and v_attempts > 1
      then summaries_private.backoff_seconds(v_attempts, null) else 0 end);
    return;
  end if;
  select * into v_summary from public.summaries where id = p_id;
  perform summaries_private.end_failed(p_id,
    coalesce(v_summary.error_code, 'out_of_time'),
    coalesce(v_summary.error_message, 'The work was cut off too often.'), '[]', true);
end
$$;
comment on function summaries_private.give_back is
  'Ends an attempt that was cut off: not counted when it made progress, and failed with the last code when '
  'attempts are used up; else due again at once, or after a wait when its worker was killed more than once. '
  'The caller has locked consultation and summary.';
revoke all on function summaries_private.give_back from public, anon, authenticated, service_role;

create function public.release_summary(p_id uuid, p_token uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform summaries_private.lock_consultation(p_id);
  if not summaries_private.holds(p_id, p_token) then
    return false;
  end if;
  perform summaries_private.give_back(p_id, false);
  return true;
end
$$;
comment on function public.release_summary is
  'Worker whose isolate is going. The summary is due again at once; the attempt is not counted when it made '
  'progress. False when the lease is lost.';
revoke all on function public.release_summary from public, anon, authenticated, service_role;
grant execute on function public.release_summary to service_role;

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
