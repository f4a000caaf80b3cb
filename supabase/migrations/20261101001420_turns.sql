-- Whose turn it is: a row a clinic, so that a claim need not look at everything that waits.

create table summaries_private.turns (
  clinic_id uuid primary key references public.clinics on delete cascade,
  served_at timestamptz not null default '-infinity',
  next_due timestamptz not null default 'infinity'
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0
);
create table summaries_private.turns_floor (
  only_row boolean primary key default true check (only_row),
  served_at timestamptz not null default '-infinity'
);
insert into summaries_private.turns_floor default values;
comment on table summaries_private.turns_floor is
  'No clinic that waits was served before: where a claim begins to look, so that it need not pass over what '
  'was there before and is dead. Moved on by the sweep.';
comment on column summaries_private.turns_floor.only_row is 'Always true, so that there is one row.';
revoke all on summaries_private.turns_floor from public, anon, authenticated, service_role;

create index turns_waiting on summaries_private.turns (served_at, next_due)
  where next_due < 'infinity';
comment on table summaries_private.turns is
  'When each clinic was served last, and when it has something due. A note of what summary_jobs says: '
  'whoever writes it never waits for its lock, and the sweep puts right what that left wrong.';
comment on column summaries_private.turns.served_at is 'When a summary of it was claimed last.';
comment on column summaries_private.turns.next_due is
  'The first run_after of its queued summaries; infinity when none waits.';
revoke all on summaries_private.turns from public, anon, authenticated, service_role;

create function summaries_private.add_turn() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into summaries_private.turns (clinic_id) values (new.id);
  return null;
end
$$;
comment on function summaries_private.add_turn is 'A new clinic takes turns.';
revoke all on function summaries_private.add_turn from public, anon, authenticated, service_role;
create trigger add_turn after insert on public.clinics
  for each row execute function summaries_private.add_turn();

create function summaries_private.queue_up(p_clinic uuid, p_due timestamptz) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update summaries_private.turns t set
    next_due = p_due,
    -- Whoever had nothing to do for long is first now, and not for all the turns that it left out.
    served_at = greatest(t.served_at, (select f.served_at from summaries_private.turns_floor f))
  from (
    select clinic_id from summaries_private.turns
    where clinic_id = p_clinic and next_due > p_due
    for no key update skip locked
  ) mine
  where t.clinic_id = mine.clinic_id;
end
$$;
comment on function summaries_private.queue_up is 'The clinic has a summary due then.';
revoke all on function summaries_private.queue_up from public, anon, authenticated, service_role;
