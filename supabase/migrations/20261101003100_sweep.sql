-- What repeats everything that got lost. A step each for what can be lost; what one of them meets ends
-- that step alone.

create table summaries_private.sweeps (
  only_row boolean primary key default true check (only_row),
  step integer not null default 1,
  began_at timestamptz,
  last_at timestamptz
);
insert into summaries_private.sweeps default values;
comment on table summaries_private.sweeps is 'How far the sweep is.';
comment on column summaries_private.sweeps.only_row is 'Always true, so that there is one row.';
comment on column summaries_private.sweeps.step is 'Which one comes next: 1 is the first.';
comment on column summaries_private.sweeps.last_at is 'When it last came to its end.';
revoke all on summaries_private.sweeps from public, anon, authenticated, service_role;

create function summaries_private.replay_missed_uploads() returns void
language plpgsql security definer set search_path = '' set lock_timeout = '200ms' as $$
declare
  v_missed summaries_private.missed_uploads;
  v_outcome text;
begin
  for v_missed in
    select * from summaries_private.missed_uploads where replay order by tries, id limit 100
  loop
    begin
      v_outcome := summaries_private.sync_recording(v_missed.bucket_id, v_missed.object_path);
    exception when others then
      v_outcome := sqlstate;
    end;
    if v_outcome = 'taken' then
      delete from summaries_private.missed_uploads where id = v_missed.id;
    else
      update summaries_private.missed_uploads set
        tries = tries + 1, reason = v_outcome, replay = at > clock_timestamp() - interval '1 day'
      where id = v_missed.id;
    end if;
  end loop;
end
$$;
comment on function summaries_private.replay_missed_uploads is
  'Takes a hundred of the uploads that could not be taken.';
revoke all on function summaries_private.replay_missed_uploads from public, anon, authenticated, service_role;

create function summaries_private.look_for_uploads() returns void
language plpgsql security definer set search_path = '' set lock_timeout = '200ms' as $$
begin
  -- Without the trigger each time; else as a check, because storage.objects has no index for it.
  if not summaries_private.watches_uploads() or (
    select date_bin('10 minutes', last_at, 'epoch') from summaries_private.sweeps
  ) is distinct from date_bin('10 minutes', clock_timestamp(), 'epoch') then
    perform summaries_private.take_unnoticed();
  end if;
end
$$;
comment on function summaries_private.look_for_uploads is
  'Takes what the trigger was not there for: without it always, else every ten minutes.';
revoke all on function summaries_private.look_for_uploads from public, anon, authenticated, service_role;

create function summaries_private.keep_to_budgets() returns void
language plpgsql security definer set search_path = '' set lock_timeout = '200ms' as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_day constant timestamptz := date_trunc('day', v_now + interval '24 hours', 'UTC');
  v_project numeric := summaries_private.room(null, true);
  v_left integer := 1000;
  v_clinic uuid;
  v_room numeric;
  v_dollars numeric;
  v_id uuid;
begin
  -- What is due where nothing is left: a claim passes but one of a clinic.
  for v_clinic in
    select t.clinic_id from summaries_private.turns t
    where t.next_due <= v_now and t.next_due < 'infinity' order by t.served_at
  loop
    continue when least(v_project, summaries_private.room(v_clinic, true)) > 0 is not false;
    for v_id in
      select s.id from summaries_private.summary_jobs j join public.summaries s on s.id = j.summary_id
      where j.clinic_id = v_clinic and j.run_after <= v_now and s.status = 'queued'
      order by j.run_after limit v_left
      for no key update of j, s skip locked
    loop
      perform summaries_private.requeue(v_id, 'budget', 0);
      v_left := v_left - 1;
    end loop;
    perform summaries_private.served(v_clinic, false);
  end loop;
  -- What waits, where there is room by now: a budget was raised, or a reservation has ended.
  for v_clinic in
    select t.clinic_id from summaries_private.turns t
    where t.next_due > v_now and t.next_due < 'infinity' and exists (
      select from summaries_private.summary_jobs j
      where j.clinic_id = t.clinic_id and j.run_after between v_day and v_day + interval '1 hour')
    order by t.served_at
  loop
    v_room := least(v_project, summaries_private.room(v_clinic, true));
    continue when v_room <= 0;
    for v_id in
      select s.id from summaries_private.summary_jobs j join public.summaries s on s.id = j.summary_id
      where j.clinic_id = v_clinic and j.run_after between v_day and v_day + interval '1 hour'
        and s.status = 'queued' and s.waiting_for = 'budget'
      order by j.run_after limit v_left
      for no key update of j, s skip locked
    loop
      if v_room is not null then
        v_dollars := summaries_private.share_of(summaries_private.estimate(v_id), v_room,
          summaries_private.least_budget(v_clinic));
        exit when v_dollars is null;
        v_room := v_room - v_dollars;
        v_project := v_project - v_dollars;
      end if;
      perform summaries_private.requeue(v_id, null, 0);
      v_left := v_left - 1;
    end loop;
  end loop;
end
$$;
comment on function summaries_private.keep_to_budgets is
  'What a budget has no room for waits for the next day, and what waited goes on where there is room: a '
  'thousand at a time.';
revoke all on function summaries_private.keep_to_budgets from public, anon, authenticated, service_role;

create function summaries_private.note_turns() returns void
language plpgsql security definer set search_path = '' set lock_timeout = '200ms' as $$
begin
  -- Jumps through the index from clinic to clinic, however many wait in each.
  with recursive waiting as (
    (select j.clinic_id, j.run_after from summaries_private.summary_jobs j
      where j.run_after is not null order by j.clinic_id, j.run_after limit 1)
    union all
    select n.clinic_id, n.run_after
    from waiting w cross join lateral (
      select j.clinic_id, j.run_after from summaries_private.summary_jobs j
      where j.run_after is not null and j.clinic_id > w.clinic_id
      order by j.clinic_id, j.run_after limit 1
    ) n
  ), wrong as (
    select t.clinic_id, w.run_after
    from waiting w join summaries_private.turns t on t.clinic_id = w.clinic_id
    where t.next_due <> w.run_after
    for no key update of t skip locked
  )
  update summaries_private.turns t set
    next_due = wrong.run_after,
    served_at = greatest(t.served_at, (select f.served_at from summaries_private.turns_floor f))
  from wrong where t.clinic_id = wrong.clinic_id;
  update summaries_private.turns_floor set served_at = coalesce(
    (select min(t.served_at) from summaries_private.turns t where t.next_due < 'infinity'),
    clock_timestamp())
  where only_row;
end
$$;
comment on function summaries_private.note_turns is
  'Puts right what each clinic has due next, where somebody else''s lock kept it from being noted, and where '
  'claims begin to look.';
revoke all on function summaries_private.note_turns from public, anon, authenticated, service_role;

create function summaries_private.tell_what_waits() returns void
language plpgsql security definer
-- A few, each by its key: an estimate of many would have all summaries read.
set search_path = '' set enable_hashjoin = off set enable_mergejoin = off set lock_timeout = '200ms' as $$
declare
  v_most constant integer := 1000;
  v_breaker summaries_private.breaker;
  v_told integer;
  v_from timestamptz := '-infinity';
  v_to constant timestamptz := clock_timestamp() - interval '5 seconds';
begin
  select * into v_breaker from summaries_private.breaker;
  -- All of them where that changed, else those that have become due, or were to start at once and didn't.
  if v_breaker.marked is not distinct from v_breaker.reason then
    v_from := clock_timestamp() - interval '1 minute';
  end if;
  with told as (
    update public.summaries s set waiting_for = coalesce(v_breaker.reason, 'slot')
    from (
      select s.id from summaries_private.summary_jobs j join public.summaries s on s.id = j.summary_id
      where j.run_after between v_from and v_to
        and s.status = 'queued'
        and s.waiting_for is distinct from coalesce(v_breaker.reason, 'slot')
      limit v_most for no key update of s skip locked
    ) other
    where s.id = other.id
    returning s.id
  )
  select count(*) into v_told from told;
  if v_told < v_most and v_breaker.marked is distinct from v_breaker.reason then
    update summaries_private.breaker set marked = v_breaker.reason where only_row;
  end if;
end
$$;
comment on function summaries_private.tell_what_waits is
  'Sets waiting_for of summaries that are due, where it changed for all of them: a thousand at a time.';
revoke all on function summaries_private.tell_what_waits from public, anon, authenticated, service_role;

create function summaries_private.prune() returns void
language plpgsql security definer set search_path = '' set lock_timeout = '200ms' as $$
declare
  -- As much as four million a day.
  v_most constant integer := 1000;
  v_before constant timestamptz := clock_timestamp() - interval '48 hours';
begin
  -- Files at Gemini live for 48 hours: what is left to be deleted is gone by then.
  delete from summaries_private.summary_jobs where summary_id = any (array(
    select summary_id from summaries_private.summary_jobs
    where ended_at < v_before order by ended_at limit v_most));
  delete from summaries_private.missed_uploads
  where not replay and at < clock_timestamp() - interval '30 days';
  delete from summaries_private.spending where day < (v_before at time zone 'UTC')::date;
end
$$;
comment on function summaries_private.prune is
  'Deletes jobs two days after their end, old missed uploads, and what was spent on days before.';
revoke all on function summaries_private.prune from public, anon, authenticated, service_role;

create function summaries_private.prune_cron() returns void
language plpgsql security definer set search_path = '' as $$
begin
  delete from cron.job_run_details d using cron.job c
  where c.jobid = d.jobid and c.jobname = 'sweep-summaries'
    and d.end_time < clock_timestamp() - interval '1 day';
end
$$;
comment on function summaries_private.prune_cron is 'Deletes what pg_cron wrote of the sweep, after a day.';
revoke all on function summaries_private.prune_cron from public, anon, authenticated, service_role;

create function summaries_private.wake_for_cleanup() returns void
language plpgsql security definer set search_path = '' as $$
begin
  if summaries_private.has_due() then
    return;
  end if;
  if (
    select cleanup_after from summaries_private.summary_jobs
    where cleanup_after is not null order by cleanup_after limit 1
  ) <= clock_timestamp()
    or exists (select from summaries_private.left_behind where cleanup_after <= clock_timestamp())
    or exists (select from public.clinics where deleted_at is not null)
  then
    perform summaries_private.wake();
  end if;
end
$$;
comment on function summaries_private.wake_for_cleanup is
  'When nothing is due, a worker deletes what was left behind.';
revoke all on function summaries_private.wake_for_cleanup from public, anon, authenticated, service_role;

create function summaries_private.delete_next() returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_clinic uuid;
begin
  if clock_timestamp() > (select began_at from summaries_private.sweeps) + interval '5 seconds' then
    return false;
  end if;
  for v_clinic in select id from public.clinics where deleted_at is not null order by deleted_at loop
    if not summaries_private.delete_some(v_clinic) then
      return true;
    end if;
  end loop;
  return false;
end
$$;
comment on function summaries_private.delete_next is
  'Deletes some of what clinics that left hold; whether there may be more, and time for it.';
revoke all on function summaries_private.delete_next from public, anon, authenticated, service_role;

create function summaries_private.sweep_some() returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_steps constant text[] := array[
    'replay_missed_uploads', 'look_for_uploads', 'take_back_one', 'keep_to_budgets', 'note_turns',
    'tell_what_waits',
    'wake_for_free_slots', 'wake_for_cleanup', 'prune', 'prune_cron', 'fit_partitions',
    'delete_next'];
  v_step constant integer := (select step from summaries_private.sweeps);
  v_last constant boolean := v_step = cardinality(v_steps);
  v_again text;
begin
  if v_step = 1 then
    update summaries_private.sweeps set began_at = clock_timestamp() where only_row;
  end if;
  begin
    execute format('select summaries_private.%I()', v_steps[v_step]) into v_again;
  exception when others then
    raise warning 'sweep: % did not come to its end (%)', v_steps[v_step], sqlstate;
  end;
  if v_again = 'true' then
    return true;
  end if;
  -- Where pg-safeupdate is on, a statement without a condition would undo it.
  update summaries_private.sweeps set
    step = case when v_last then 1 else v_step + 1 end,
    last_at = case when v_last then clock_timestamp() else last_at end
  where only_row;
  return not v_last;
end
$$;
comment on function summaries_private.sweep_some is
  'A step of the sweep, or one piece of a step that has many; what goes wrong ends that step alone. Whether '
  'something is left of this sweep. In turn: replays missed uploads, takes those of the last hour that the '
  'trigger was not there for, takes back leases that ran out, lets go on what a budget has room for, tells what waits for what, wakes workers for '
  'what is due as far as there are slots, or for what has to be deleted, prunes, makes partitions, deletes '
  'what clinics that left hold.';
revoke all on function summaries_private.sweep_some from public, anon, authenticated, service_role;

-- Every 15 seconds, one at a time, a transaction each piece. Not a procedure: one that commits can't set
-- its search_path.
select cron.schedule('sweep-summaries', '15 seconds', $sweep$
  do $$
  begin
    -- The session's lock, since a transaction's would go with the first commit.
    if pg_try_advisory_lock(hashtextextended('sweep-summaries', 0)) then
      while summaries_private.sweep_some() loop
        commit;
      end loop;
      perform pg_advisory_unlock(hashtextextended('sweep-summaries', 0));
    end if;
  end
  $$
$sweep$);
