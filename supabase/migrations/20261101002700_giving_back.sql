-- An attempt that was cut off is given back.

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
