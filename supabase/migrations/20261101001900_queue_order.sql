-- Whose turn it is, and how many may be at work.

-- Not in SQL: its plan would be made anew in each call, and takes longer than the query.
create function summaries_private.processing() returns bigint
language plpgsql security definer set search_path = '' as $$
begin
  return (select count(*) from public.summaries s where s.status = 'processing');
end
$$;
comment on function summaries_private.processing is
  'Summaries in flight. Exact under summaries_private.lock_slots alone.';
revoke all on function summaries_private.processing from public, anon, authenticated, service_role;

create function summaries_private.lock_slots() returns void
language sql security definer set search_path = '' as $$
  select pg_advisory_xact_lock(hashtextextended('generate-summary slots', 0))
$$;
comment on function summaries_private.lock_slots is
  'Claims take turns, or two of them would both take the last slot. Taken after a consultation''s lock, '
  'before a summary''s.';
revoke all on function summaries_private.lock_slots from public, anon, authenticated, service_role;

-- Not in SQL, as processing.
create function summaries_private.next_in_line(p_limit integer) returns setof uuid
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  return query
  with recursive clinics as (
    (select j.clinic_id from summaries_private.summary_jobs j
      where j.run_after is not null order by j.clinic_id limit 1)
    union all
    -- Jumps through the index from clinic to clinic, however many wait in each.
    select (select j.clinic_id from summaries_private.summary_jobs j
      where j.run_after is not null and j.clinic_id > c.clinic_id order by j.clinic_id limit 1)
    from clinics c
    where c.clinic_id is not null
  ), busy as materialized (
    select s.clinic_id, count(*) as processing
    from public.summaries s where s.status = 'processing' group by s.clinic_id
  )
  select due.summary_id
  from clinics c
  cross join lateral (
    select j.summary_id, j.run_after, row_number() over (order by j.run_after) as place
    from summaries_private.summary_jobs j
    where j.clinic_id = c.clinic_id and j.run_after <= clock_timestamp()
    order by j.run_after
    limit p_limit
  ) due
  left join busy b on b.clinic_id = c.clinic_id
  order by
    coalesce(b.processing, 0) + due.place,
    (select max(s.started_at) from public.summaries s where s.clinic_id = c.clinic_id) nulls first,
    due.run_after
  limit p_limit;
end
$$;
comment on function summaries_private.next_in_line is
  'Due summaries in the order in which they should be claimed: first those of clinics that have the '
  'fewest in flight, then those of clinics not served for longest, then the oldest.';
revoke all on function summaries_private.next_in_line from public, anon, authenticated, service_role;
