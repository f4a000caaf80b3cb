-- An attempt that was cut off is given back.

create function summaries_private.give_back(p_id uuid, p_how text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  -- An isolate that goes is shared by many: it takes more to blame one of them.
  v_most_releases constant integer := 20;
  v_job summaries_private.summary_jobs;
  v_summary public.summaries;
  v_wait numeric := 0;
  v_most integer;
  v_goes_on boolean;
begin
  update summaries_private.summary_jobs set
    fruitless = fruitless + (not progressed and p_how <> 'released')::integer,
    released = case when progressed then 0 else released + (p_how = 'released')::integer end,
    lease_token = null
  where summary_id = p_id
  returning * into v_job;
  v_goes_on := not summaries_private.is_used_up(v_job);
  if not v_goes_on and v_job.draft is not null then
    -- It was paid for, and is a summary as it is: once more, if only to complete with it.
    select max_attempts into v_most from summaries_private.settings;
    v_goes_on := v_job.fruitless <= v_most;
    update summaries_private.summary_jobs set fruitless = greatest(fruitless, v_most)
    where summary_id = p_id;
  end if;
  if v_job.released < v_most_releases and v_goes_on then
    -- Once is bad luck. One that kills its worker must not take the same others with it each time.
    if p_how = 'killed' and v_job.fruitless > 1 then
      v_wait := summaries_private.backoff_seconds(v_job.fruitless, null);
    end if;
    perform summaries_private.requeue(p_id, case when v_wait > 0 then 'retry' end, v_wait);
    return;
  end if;
  select * into v_summary from public.summaries where id = p_id;
  perform summaries_private.end_failed(p_id,
    coalesce(v_summary.error_code, 'out_of_time'),
    coalesce(v_summary.error_message, 'The work was cut off too often.'), '[]', true);
end
$$;
comment on function summaries_private.give_back is
  'Ends an attempt that was cut off: killed, when its lease ran out | late, when its time was up | released, '
  'when its isolate went, which is not counted. Nor is one that made progress. Due again at once, or after '
  'a wait when its worker was killed more than once; failed with the last code when attempts are used up, with '
  'a draft one later. '
  'The caller has locked consultation and summary.';
revoke all on function summaries_private.give_back from public, anon, authenticated, service_role;

create function public.release_summary(
  p_id uuid, p_token uuid, p_late boolean, p_calls jsonb default '[]'
) returns boolean language plpgsql security definer set search_path = ''
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_held boolean;
begin
  perform summaries_private.lock_consultation(p_id);
  v_held := summaries_private.holds(p_id, p_token);
  perform summaries_private.book_calls(p_id, p_token, p_calls);
  if not v_held then
    return false;
  end if;
  perform summaries_private.give_back(p_id, case when p_late then 'late' else 'released' end);
  return true;
end
$$;
comment on function public.release_summary is
  'Worker. The summary is due again at once. p_late: its time was up, which counts as an attempt unless it '
  'made progress; else its isolate goes, which does not. False when the lease is lost.';
revoke all on function public.release_summary from public, anon, authenticated, service_role;
grant execute on function public.release_summary to service_role;

create function summaries_private.take_back(p_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.consultations c
  where c.id = (select s.consultation_id from public.summaries s where s.id = p_id)
  for no key update skip locked;
  if not found then
    return false;
  end if;
  perform from public.summaries s where s.id = p_id and s.status = 'processing'
  for no key update skip locked;
  if not found then
    return false;
  end if;
  perform from summaries_private.summary_jobs j where j.summary_id = p_id
  for no key update skip locked;
  if not found then
    return false;
  end if;
  perform from summaries_private.slots x
  where x.summary_id = p_id and x.lease_expires_at <= clock_timestamp()
  for update skip locked;
  if not found then
    return false;
  end if;
  perform summaries_private.give_back(p_id, 'killed');
  return true;
end
$$;
comment on function summaries_private.take_back is
  'Takes a summary back whose lease ran out, unless somebody has it locked.';
revoke all on function summaries_private.take_back from public, anon, authenticated, service_role;

create function summaries_private.take_back_one() returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  for v_id in
    select summary_id from summaries_private.slots where lease_expires_at <= clock_timestamp()
    order by lease_expires_at
  loop
    begin
      if summaries_private.take_back(v_id) then
        return true;
      end if;
    exception when others then
      raise warning 'summary %: not taken back (%)', v_id, sqlstate;
    end;
  end loop;
  return false;
end
$$;
comment on function summaries_private.take_back_one is
  'For the sweep, and for a claim that finds no slot: takes back one whose lease ran out; false when there is '
  'none, or somebody has them locked.';
revoke all on function summaries_private.take_back_one from public, anon, authenticated, service_role;
