-- A worker takes the summary whose turn it is.

create function summaries_private.busy_clinics(p_done uuid) returns uuid[]
language plpgsql stable security definer set search_path = ''
-- The whole of a small table: in its indexes are many more entries, of leases that have ended.
set enable_seqscan = on set enable_indexscan = off set enable_bitmapscan = off as $$
begin
  return coalesce((
    select array_agg(x.clinic_id) from summaries_private.slots x
    where x.summary_id is not null and x.summary_id is distinct from p_done
  ), '{}');
end
$$;
comment on function summaries_private.busy_clinics is
  'Of each summary in flight but p_done its clinic.';
revoke all on function summaries_private.busy_clinics from public, anon, authenticated, service_role;

create function summaries_private.choose(p_done uuid, p_passed uuid[]) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_floor constant timestamptz := (select served_at from summaries_private.turns_floor);
  v_busy constant uuid[] := summaries_private.busy_clinics(p_done);
  v_tried uuid[] := p_passed;
  v_turn summaries_private.turns;
  v_id uuid;
begin
  loop
    -- The one served longest ago, of those that have none in flight…
    select * into v_turn
    from summaries_private.turns t
    where t.served_at >= v_floor and t.next_due <= v_now and t.next_due < 'infinity'
      and t.clinic_id <> all (v_busy) and t.clinic_id <> all (v_tried)
    order by t.served_at, t.next_due limit 1
    for no key update skip locked;
    if not found and cardinality(v_busy) > 0 then
      -- …or else of those that have the fewest.
      select t.* into v_turn
      from (
        select clinic_id, count(*) as in_flight from unnest(v_busy) as b (clinic_id) group by clinic_id
      ) b
      join summaries_private.turns t on t.clinic_id = b.clinic_id
      where t.next_due <= v_now and t.clinic_id <> all (v_tried)
      order by b.in_flight, t.served_at limit 1
      for no key update of t skip locked;
    end if;
    exit when v_turn.clinic_id is null;
    -- Not from the beginning: what was claimed from there may be dead, but not gone.
    select s.id into v_id
    from summaries_private.summary_jobs j join public.summaries s on s.id = j.summary_id
    where j.clinic_id = v_turn.clinic_id and j.run_after between v_turn.next_due and v_now
      and s.status = 'queued'
    order by j.run_after limit 1
    for no key update of j, s skip locked;
    if v_id is not null then
      return v_id;
    end if;
    v_tried := v_tried || v_turn.clinic_id;
    perform summaries_private.served(v_turn.clinic_id, false);
  end loop;
  -- Others choose for those clinics at this moment, or a turn was not noted: whatever is due.
  select s.id into v_id
  from summaries_private.summary_jobs j
  join public.summaries s on s.id = j.summary_id
  join public.clinics c on c.id = j.clinic_id
  where j.run_after <= v_now and s.status = 'queued' and c.deleted_at is null
    and j.clinic_id <> all (p_passed)
  order by j.run_after limit 1
  for no key update of j, s skip locked;
  return v_id;
end
$$;
comment on function summaries_private.choose is
  'Locks the summary that should be claimed next: of the clinic that has the fewest in flight, then of the '
  'one not served for longest, the one due first. Takes what nobody has locked. p_done: one that is not in '
  'flight any more; p_passed: clinics that are left out.';
revoke all on function summaries_private.choose from public, anon, authenticated, service_role;

create function summaries_private.served(p_clinic uuid, p_served boolean) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update summaries_private.turns t set
    served_at = case when p_served then clock_timestamp() else t.served_at end,
    next_due = coalesce((
      select j.run_after from summaries_private.summary_jobs j
      where j.clinic_id = p_clinic
        and j.run_after >= case when mine.next_due < 'infinity' then mine.next_due else '-infinity' end
      order by j.run_after limit 1
    ), 'infinity')
  from (
    select clinic_id, next_due from summaries_private.turns where clinic_id = p_clinic
    for no key update skip locked
  ) mine
  where t.clinic_id = mine.clinic_id;
end
$$;
comment on function summaries_private.served is
  'Notes what the clinic has due next, and that it was served just now.';
revoke all on function summaries_private.served from public, anon, authenticated, service_role;

create function summaries_private.take_next(p_done uuid, p_token uuid, p_lease_seconds integer)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_most_passed constant integer := 10;
  v_breaker summaries_private.breaker;
  v_slot bigint;
  v_id uuid;
  v_dollars numeric;
  v_passed uuid[] := '{}';
begin
  select * into v_breaker from summaries_private.breaker;
  if v_breaker.reason is not null then
    -- Whoever has this lock is the probe.
    select * into v_breaker from summaries_private.breaker where only_row
    for no key update skip locked;
    if not found or v_breaker.paused_until > clock_timestamp() or exists (
      select from summaries_private.slots where summary_id = v_breaker.probe
    ) then
      return jsonb_build_object('outcome', 'nothing');
    end if;
  end if;
  if p_done is null then
    select id into v_slot from summaries_private.slots
    where summary_id is null order by id limit 1 for update skip locked;
    if not found then
      return jsonb_build_object('outcome', 'full');
    end if;
  end if;
  loop
    v_id := summaries_private.choose(p_done, v_passed);
    -- What is left over, the sweep passes.
    if v_id is null or cardinality(v_passed) = v_most_passed then
      return jsonb_build_object('outcome', 'nothing');
    end if;
    v_dollars := summaries_private.reservation(v_id);
    exit when v_dollars is not null;
    v_passed := v_passed || summaries_private.wait_for_budget(v_id);
  end loop;
  if v_breaker.reason is not null then
    update summaries_private.breaker set probe = v_id where only_row;
  end if;
  return summaries_private.begin_attempt(v_id, p_done, v_slot, p_token, p_lease_seconds, v_dollars);
end
$$;
comment on function summaries_private.take_next is
  'Claims the summary whose turn it is, with the slot of p_done, or a free one. While the breaker is open: '
  'one at a time. What its budget has no room for waits, and the next clinic''s turn comes.';
revoke all on function summaries_private.take_next from public, anon, authenticated, service_role;

create function public.claim_next(p_token uuid, p_lease_seconds integer default 60)
returns jsonb language plpgsql security definer set search_path = ''
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_answer jsonb := summaries_private.claimed(p_token);
begin
  if v_answer is not null then
    return v_answer;
  end if;
  v_answer := summaries_private.take_next(null, p_token, p_lease_seconds);
  if v_answer ->> 'outcome' = 'full' and summaries_private.take_back_one() then
    v_answer := summaries_private.take_next(null, p_token, p_lease_seconds);
  end if;
  if v_answer ->> 'outcome' = 'nothing' then
    return coalesce(summaries_private.claim_cleanup(p_token, p_lease_seconds), v_answer);
  end if;
  return v_answer;
end
$$;
comment on function public.claim_next is
  'Worker. Takes the summary whose turn it is: {outcome: claimed, job: {summary_id, clinic_id, '
  'consultation_id, attempt, tries_left}, inputs: {submitted_by, templates, recordings}} | {outcome: full}, '
  'as many are at work as may be | {outcome: nothing}, none is due or the queue is held | and when none is '
  'due, what has to be deleted: {outcome: cleanup, summary_id, files: [{recording_id, object_version}]}, at '
  'Gemini, {outcome: delete_files, clinic_id, bucket_id, paths}, in Storage. The same token again: the same '
  'claim.';
revoke all on function public.claim_next from public, anon, authenticated, service_role;
grant execute on function public.claim_next to service_role;
