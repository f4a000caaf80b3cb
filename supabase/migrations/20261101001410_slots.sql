-- How many may be at work: a row a slot, so that claims need not wait for each other to count.

create table summaries_private.slots (
  id bigint generated always as identity primary key,
  clinic_id uuid,
  summary_id uuid unique,
  lease_token uuid unique,
  lease_expires_at timestamptz,
  surplus boolean not null default false,
  reserved numeric not null default 0,
  spent numeric not null default 0,
  check ((summary_id is null) = (lease_token is null)),
  check ((summary_id is null) = (lease_expires_at is null)),
  check ((summary_id is null) = (clinic_id is null)),
  check (summary_id is not null or (not surplus and reserved = 0 and spent = 0))
) with (
  -- A heartbeat changes nothing that is indexed, so that it is a HOT update.
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0
);
create index slots_free on summaries_private.slots (id) where summary_id is null;
create index slots_surplus on summaries_private.slots (id) where surplus;
comment on table summaries_private.slots is
  'As many rows as may be processed at once, each free or a summary''s. Whoever takes one back, takes '
  'its lease.';
comment on column summaries_private.slots.clinic_id is 'Of the summary; null when free.';
comment on column summaries_private.slots.lease_token is 'Made by the worker; every write carries it.';
comment on column summaries_private.slots.lease_expires_at is
  'Moved on by each heartbeat; afterwards the summary is taken back.';
comment on column summaries_private.slots.surplus is
  'Above max_in_flight since that was lowered: gone as soon as any slot is given back.';
comment on column summaries_private.slots.reserved is
  'Dollars that the model is expected to cost in this attempt, where there is a budget.';
comment on column summaries_private.slots.spent is
  'Dollars that it has cost since the claim; spending has what was before.';
revoke all on summaries_private.slots from public, anon, authenticated, service_role;

create function summaries_private.fit_slots() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_more integer;
begin
  -- Claims wait for this moment, before they lock a slot; a summary that is at work keeps its own.
  lock table summaries_private.slots in exclusive mode;
  v_more := new.max_in_flight
    - (select count(*) from summaries_private.slots where not surplus);
  if v_more > 0 then
    with kept as (
      update summaries_private.slots set surplus = false
      where id in (select id from summaries_private.slots where surplus order by id limit v_more)
      returning id
    )
    insert into summaries_private.slots (surplus)
    select false from generate_series(1, v_more - (select count(*) from kept));
    perform summaries_private.wake_for_free_slots();
  elsif v_more < 0 then
    with gone as (
      delete from summaries_private.slots
      where id in (
        select id from summaries_private.slots where summary_id is null order by id desc limit -v_more)
      returning id
    )
    update summaries_private.slots set surplus = true
    where id in (
      select id from summaries_private.slots
      where summary_id is not null and not surplus
      order by id desc limit -v_more - (select count(*) from gone));
  end if;
  return null;
end
$$;
comment on function summaries_private.fit_slots is
  'As many slots as max_in_flight says: more at once, fewer as those at work end.';
revoke all on function summaries_private.fit_slots from public, anon, authenticated, service_role;
create trigger fit_slots after insert or update of max_in_flight on summaries_private.settings
  for each row execute function summaries_private.fit_slots();
insert into summaries_private.slots (surplus)
select false from generate_series(1, (select max_in_flight from summaries_private.settings));

create function summaries_private.processing() returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select count(*) from summaries_private.slots where summary_id is not null);
end
$$;
comment on function summaries_private.processing is 'Summaries in flight.';
revoke all on function summaries_private.processing from public, anon, authenticated, service_role;

create function summaries_private.free_slot(p_summary uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_slot summaries_private.slots;
begin
  select * into v_slot from summaries_private.slots where summary_id = p_summary for update;
  if not found then
    return;
  end if;
  if v_slot.spent > 0 then
    perform summaries_private.spend(v_slot.clinic_id, v_slot.spent);
  end if;
  -- While there are too many, each end is one less, whichever it is.
  if not v_slot.surplus then
    update summaries_private.slots set surplus = false
    where id = (
      select id from summaries_private.slots where surplus order by id limit 1 for update skip locked)
    returning true into v_slot.surplus;
  end if;
  if v_slot.surplus then
    delete from summaries_private.slots where id = v_slot.id;
  else
    update summaries_private.slots
    set summary_id = null, clinic_id = null, lease_token = null, lease_expires_at = null, reserved = 0,
      spent = 0
    where id = v_slot.id;
  end if;
end
$$;
comment on function summaries_private.free_slot is
  'Ends the lease of a summary, gives its slot back, and what was reserved for it.';
revoke all on function summaries_private.free_slot from public, anon, authenticated, service_role;
