-- An attempt that ends without a result: again later, or failed for good.

create function summaries_private.backoff_seconds(p_attempts integer, p_retry_after integer) returns numeric
language sql volatile set search_path = '' as $$
  -- 10 s, 20 s, 40 s… up to ten minutes; a random half of it is taken off.
  select greatest(
    least(10 * 2 ^ (p_attempts - 1), 600) * (0.5 + random() / 2), p_retry_after)::numeric
$$;
comment on function summaries_private.backoff_seconds is
  'How long to wait after this many attempts: exponential with half jitter, at least p_retry_after.';
revoke all on function summaries_private.backoff_seconds from public, anon, authenticated, service_role;

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
comment on function summaries_private.requeue is
  'Puts a summary that the caller has locked back into the queue.';
revoke all on function summaries_private.requeue from public, anon, authenticated, service_role;

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
    v_run_after := summaries_private.requeue(p_id,
      summaries_private.backoff_seconds(v_attempts, p_retry_after));
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
