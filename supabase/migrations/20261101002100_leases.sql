-- Who works on a summary. Rules that hold for all that the worker calls, as service_role:
-- * The caller makes the lease token. Every write carries it, and one that isn't the lease's any more
--   changes nothing; the same call again gives the same answer.
-- * Locks are waited for in the order consultation, summary, job, breaker. What a claim takes, a turn, a
--   job, a slot, it takes where nobody has it. Whoever inserts something with a foreign key to the
--   consultation or its recordings takes the consultation first.
-- * clock_timestamp(), because a call may have waited for a lock; in a variable, because an index can't
--   be asked for what changes while it is read.
-- * In plpgsql, which keeps its plans: a function in SQL with a search_path is planned in each call, and so
--   is a query whose kept plan is taken for a worse one, unless plan_cache_mode says otherwise. A plan that
--   is made while a table is small would read all of it for as long as the connection lasts: so
--   enable_seqscan is off. A kept plan knows no values: what it asks for names a partial index's condition,
--   and comes in an index's order.

create function summaries_private.lock_consultation(p_summary uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  select c.id into v_id from public.consultations c
  where c.id = (select s.consultation_id from public.summaries s where s.id = p_summary)
  for no key update;
  return v_id;
end
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
    select from summaries_private.slots where summary_id = p_id and lease_token = p_token
  );
end
$$;
comment on function summaries_private.holds is
  'Locks the summary; whether p_token is the lease under which it is processed. A lease that ran out still '
  'holds until somebody takes the summary back.';
revoke all on function summaries_private.holds from public, anon, authenticated, service_role;

create function summaries_private.parts(p_recording uuid, p_object_version text, p_take integer)
returns jsonb language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'part', e.part, 'from_seconds', e.from_seconds, 'to_seconds', e.to_seconds,
      'is_last', e.is_last, 'segments', e.segments, 'found', e.found, 'model', e.model,
      'prompt_version', e.prompt_version, 'usage', e.usage) order by e.part), '[]')
    from public.extractions e
    where e.recording_id = p_recording and e.object_version = p_object_version and e.take = p_take
  );
end
$$;
comment on function summaries_private.parts is 'What was extracted of a recording so far, in order.';
revoke all on function summaries_private.parts from public, anon, authenticated, service_role;

create function summaries_private.inputs(p_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'submitted_by', s.submitted_by,
      'templates', jsonb_build_object('clinic', k.template_config,
        'consultation', c.template_config, 'summary', s.template_config),
      'recordings', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'recording_id', r.id, 'bucket_id', r.bucket_id, 'object_path', r.object_path,
          'object_id', r.object_id, 'object_version', r.object_version, 'take', r.take, 'etag', r.etag,
          'kind', r.kind, 'declared_type', r.declared_type, 'size_bytes', r.size_bytes,
          'created_at', r.created_at, 'excluded', r.excluded,
          'extractions', summaries_private.parts(r.id, r.object_version, r.take),
          'earlier', case when r.take > 1 and not exists (
              select from summaries_private.heard_takes h
              where h.recording_id = r.id and h.object_version = r.object_version and h.take = r.take)
            then summaries_private.parts(r.id, r.object_version, (
              select max(h.take) from summaries_private.heard_takes h
              where h.recording_id = r.id and h.object_version = r.object_version and h.take < r.take))
            else '[]' end
        ) order by r.created_at, r.id), '[]')
        from public.recordings r
        where r.consultation_id = s.consultation_id and r.deleted_at is null)
    )
    from public.summaries s
    join public.consultations c on c.id = s.consultation_id
    join public.clinics k on k.id = s.clinic_id
    where s.id = p_id
  );
end
$$;
comment on function summaries_private.inputs is
  'What a summary is made of: submitted_by, templates {clinic, consultation, summary}, and the recordings '
  'that are there now, oldest first, with the extractions of their present version and take; earlier: those '
  'of the take that counts until then.';
revoke all on function summaries_private.inputs from public, anon, authenticated, service_role;

create function summaries_private.claim_of(
  p_summary public.summaries, p_job summaries_private.summary_jobs
) returns jsonb language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object('outcome', 'claimed',
    'job', jsonb_build_object(
      'summary_id', p_summary.id, 'clinic_id', p_summary.clinic_id,
      'consultation_id', p_summary.consultation_id, 'attempt', p_job.attempts,
      'tries_left', (select max_attempts from summaries_private.settings) - p_job.fruitless,
      'draft', p_job.draft),
    'inputs', summaries_private.inputs(p_summary.id));
end
$$;
comment on function summaries_private.claim_of is
  'A claimed summary as the worker gets it: {outcome: claimed, job: {summary_id, clinic_id, '
  'consultation_id, attempt, tries_left, draft}, inputs}. tries_left: attempts that may still gain nothing; '
  'draft: what save_draft kept.';
revoke all on function summaries_private.claim_of from public, anon, authenticated, service_role;

create function summaries_private.claimed(p_token uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_id uuid := (select summary_id from summaries_private.slots where lease_token = p_token);
begin
  return case when v_id is not null then summaries_private.claim_of(
    (select s from public.summaries s where s.id = v_id),
    (select j from summaries_private.summary_jobs j where j.summary_id = v_id)) end;
end
$$;
comment on function summaries_private.claimed is
  'What was claimed with this token, for a caller whose answer was lost; null when nothing was, or its lease '
  'is.';
revoke all on function summaries_private.claimed from public, anon, authenticated, service_role;

create function summaries_private.begin_attempt(
  p_id uuid, p_done uuid, p_slot bigint, p_token uuid, p_lease_seconds integer, p_dollars numeric
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_expires_at constant timestamptz := v_now + make_interval(secs => p_lease_seconds);
  v_summary public.summaries;
  v_job summaries_private.summary_jobs;
begin
  update summaries_private.summary_jobs j set
    run_after = null,
    attempts = j.attempts + 1,
    age = j.age + greatest(least(v_now, j.run_after) - j.ages_from, '0'),
    ages_from = v_now,
    lease_token = p_token,
    progressed = false,
    recording_changes = c.recording_changes,
    left_over = j.cleanup,
    cleanup = true
  from public.summaries s
  join public.consultations c on c.id = s.consultation_id
  where s.id = p_id and j.summary_id = p_id
  returning j.* into v_job;
  update public.summaries set status = 'processing', stage = 'extracting', started_at = v_now
  where id = p_id
  returning * into v_summary;
  -- By a key that is new each time: a slot leaves many dead rows of its id.
  if p_done is null then
    update summaries_private.slots set summary_id = p_id, clinic_id = v_summary.clinic_id,
      lease_token = p_token, lease_expires_at = v_expires_at, reserved = p_dollars
    where id = p_slot;
  else
    update summaries_private.slots set summary_id = p_id, clinic_id = v_summary.clinic_id,
      lease_token = p_token, lease_expires_at = v_expires_at, reserved = p_dollars
    where summary_id = p_done;
  end if;
  perform summaries_private.served(v_summary.clinic_id, true);
  return summaries_private.claim_of(v_summary, v_job);
end
$$;
comment on function summaries_private.begin_attempt is
  'Gives a summary, which the caller has locked, p_token and a slot: that of p_done, which it has just '
  'completed, or p_slot. p_dollars: what is reserved for it.';
revoke all on function summaries_private.begin_attempt from public, anon, authenticated, service_role;
