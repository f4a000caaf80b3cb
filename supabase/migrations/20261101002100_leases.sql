-- Who works on a summary. Rules that hold for all that the worker calls, as service_role:
-- * The caller makes the lease token. Every write carries it, and one that isn't the lease's any more
--   changes nothing; the same call again gives the same answer.
-- * Locks are taken in the order consultation, summary, job. Whoever inserts something with a foreign
--   key to the consultation or its recordings takes the consultation first.
-- * clock_timestamp(), because a call may have waited for a lock.

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
