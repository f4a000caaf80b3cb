-- An attempt that ends without a result: again later, or failed for good.

create function summaries_private.backoff_seconds(p_attempts integer, p_retry_after integer) returns numeric
language sql volatile set search_path = '' as $$
  -- 10 s, 20 s, 40 s… up to ten minutes; a random half of it is taken off.
  select greatest(
    least(10 * 2 ^ (least(p_attempts, 10) - 1), 600) * (0.5 + random() / 2), p_retry_after)::numeric
$$;
comment on function summaries_private.backoff_seconds is
  'How long to wait after this many attempts: exponential with half jitter, at least p_retry_after.';
revoke all on function summaries_private.backoff_seconds from public, anon, authenticated, service_role;

create function summaries_private.requeue(p_id uuid, p_waiting_for text, p_wait_seconds numeric)
returns timestamptz language plpgsql security definer set search_path = '' as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_reason constant text := (select reason from summaries_private.breaker);
  v_clinic constant uuid := (
    select clinic_id from summaries_private.summary_jobs where summary_id = p_id);
  v_waiting_for constant text := case when p_waiting_for = 'budget' then p_waiting_for
    else coalesce(v_reason, p_waiting_for, summaries_private.waits_for(v_clinic)) end;
  v_run_after constant timestamptz := case when v_waiting_for = 'budget'
    then summaries_private.next_budget_at(v_clinic)
    else v_now + make_interval(secs => p_wait_seconds) end;
begin
  update summaries_private.summary_jobs set
    run_after = v_run_after,
    age = age + greatest(least(v_now, run_after) - ages_from, '0'),
    -- What it waits for after its own error, it could have done without.
    ages_from = case when v_reason is null and p_wait_seconds > 0 and p_waiting_for <> 'limit'
      then v_now end
  where summary_id = p_id;
  update public.summaries set status = 'queued', due_at = v_run_after, waiting_for = v_waiting_for
  where id = p_id;
  perform summaries_private.queue_up(v_clinic, v_run_after);
  return v_run_after;
end
$$;
comment on function summaries_private.requeue is
  'Puts a summary that the caller has locked back into the queue, and gives its slot back. budget: until the '
  'next day.';
revoke all on function summaries_private.requeue from public, anon, authenticated, service_role;

create function summaries_private.end_failed(
  p_id uuid, p_code text, p_message text, p_used jsonb, p_left_files boolean
) returns void language plpgsql security definer set search_path = '' as $$
declare
  v_ended public.summaries;
begin
  perform summaries_private.look_at(p_id, p_used);
  perform summaries_private.end_job(p_id, true, p_left_files);
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

create function summaries_private.is_used_up(p_job summaries_private.summary_jobs) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select p_job.fruitless >= s.max_attempts
      or p_job.age + coalesce(clock_timestamp() - p_job.ages_from, '0') >= s.max_age
    from summaries_private.settings s
  );
end
$$;
comment on function summaries_private.is_used_up is
  'Whether a job has no attempt left, by their number or by its age.';
revoke all on function summaries_private.is_used_up from public, anon, authenticated, service_role;

create function summaries_private.count_attempt(
  p_id uuid, p_fault text, p_of uuid[], p_tries integer
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job summaries_private.summary_jobs;
  v_open boolean := false;
begin
  if p_fault in ('provider', 'account') then
    v_open := summaries_private.model_failed(p_id, p_fault, p_of);
  end if;
  update summaries_private.summary_jobs j set
    fruitless = case
      when j.progressed or p_fault = 'limit' or v_open then j.fruitless
      when p_fault = 'own' then j.fruitless + greatest(p_tries, 1)
      -- Others had answers since it began to fail: it is its own fault, the first time too.
      when b.others then j.fruitless + 1 + least(j.undecided, 1)
      else j.fruitless end,
    undecided = case when v_open or j.progressed or b.others or p_fault not in ('provider', 'account')
      then 0 else j.undecided + 1 end,
    failing_since = case
      when v_open or j.progressed or p_fault not in ('provider', 'account') then null
      else coalesce(j.failing_since, clock_timestamp()) end
  from (
    select a.failing_since < b.succeeded_at and b.succeeded_at > clock_timestamp() - interval '15 minutes'
      as others
    from summaries_private.breaker b, summaries_private.summary_jobs a where a.summary_id = p_id
  ) b
  where j.summary_id = p_id
  returning j.* into v_job;
  return jsonb_build_object(
    'last', summaries_private.is_used_up(v_job),
    'waits', case
      when v_open then 0
      when p_fault = 'limit' then 30
      else summaries_private.backoff_seconds(greatest(v_job.fruitless + v_job.undecided, 1), null) end);
end
$$;
comment on function summaries_private.count_attempt is
  'Charges an attempt that ended with an error to whose fault it was: {last: whether it was the last one, '
  'waits: seconds}. own: the job''s; limit: nobody''s; provider, account: the service''s, unless others had '
  'answers meanwhile. p_of: the recordings that failed. p_tries: how many attempts it counts as.';
revoke all on function summaries_private.count_attempt from public, anon, authenticated, service_role;

create function public.fail_summary(
  p_id uuid, p_token uuid, p_code text, p_message text, p_fault text,
  p_retry_after integer default null, p_used jsonb default '[]', p_left_files boolean default false,
  p_usable boolean default false, p_tries integer default 1, p_calls jsonb default '[]'
) returns jsonb language plpgsql security definer set search_path = ''
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_status text;
  v_run_after timestamptz;
  v_count jsonb;
  v_held boolean;
begin
  perform summaries_private.lock_consultation(p_id);
  v_held := summaries_private.holds(p_id, p_token);
  perform summaries_private.book_calls(p_id, p_token, p_calls);
  if not v_held then
    select s.status, j.run_after into v_status, v_run_after
    from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
    where s.id = p_id and j.lease_token = p_token and s.status in ('queued', 'failed');
    return jsonb_build_object('outcome', coalesce(v_status, 'lost')) || case
      when v_status = 'queued' then jsonb_build_object('run_after', v_run_after) else '{}' end;
  end if;
  if p_fault = 'budget' then
    -- Nobody's attempt: what it has saved, it goes on from.
    v_count := '{"last": false, "waits": 0}';
  elsif p_fault <> 'final' then
    v_count := summaries_private.count_attempt(p_id, p_fault, array(
      select u.recording_id from jsonb_to_recordset(p_used) as u (recording_id uuid, code text)
      where u.code = p_code), p_tries);
  end if;
  if v_count is not null then
    if not (v_count ->> 'last')::boolean then
      update summaries_private.summary_jobs set cleanup = p_left_files or left_over
      where summary_id = p_id;
      update public.summaries set error_code = p_code, error_message = p_message where id = p_id;
      v_run_after := summaries_private.requeue(p_id,
        case p_fault when 'own' then 'retry' else p_fault end,
        greatest((v_count ->> 'waits')::numeric, p_retry_after));
      return jsonb_build_object('outcome', 'queued', 'run_after', v_run_after);
    end if;
    if p_usable then
      return jsonb_build_object('outcome', 'last');
    end if;
  end if;
  perform summaries_private.end_failed(p_id, p_code, p_message, p_used, p_left_files);
  return jsonb_build_object('outcome', 'failed');
end
$$;
comment on function public.fail_summary is
  'Worker. {outcome: queued, run_after}, to be tried again | {outcome: failed} | {outcome: lost} | {outcome: '
  'last}, when p_usable says that there are other files, and this attempt was the last: nothing has '
  'changed, complete it without. p_fault: final, nothing helps | own, the job''s | limit, of requests a '
  'minute | provider | account | budget, of the day. p_retry_after: seconds, the least to wait. p_message: nothing clinical. '
  'p_used: as in complete_summary; those whose code is p_code failed. p_tries: how many answers were paid '
  'for in vain, each of which counts as an attempt of its own fault. p_calls: as in save_extraction.';
revoke all on function public.fail_summary from public, anon, authenticated, service_role;
grant execute on function public.fail_summary to service_role;
