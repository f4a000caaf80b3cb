-- What the model may cost on a day of UTC, in each clinic and in all: what would cost more waits.
--
-- A claim reserves what the summary is expected to cost, in its slot, so that it ends with the lease. Calls
-- that are booked settle it there, and what was spent goes to spending as the slot is given back: on the
-- day that it is. Where the day's budget is spent no further call begins, so that whatever was expected,
-- only the calls that are under way then come on top.

create table summaries_private.spending (
  id bigint generated always as identity primary key,
  day date not null,
  clinic_id uuid,
  dollars numeric not null
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0
);
create index spending_of_day on summaries_private.spending (day, clinic_id);
comment on table summaries_private.spending is
  'What the model has cost, but for attempts that are under way: a few rows a clinic and day, so that nobody '
  'waits to add to it. For two days: model_calls has all of it.';
comment on column summaries_private.spending.day is 'Of UTC.';
comment on column summaries_private.spending.clinic_id is 'Null: of a summary that was gone already.';
revoke all on summaries_private.spending from public, anon, authenticated, service_role;

create function summaries_private.spend(p_clinic uuid, p_dollars numeric) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_day constant date := (clock_timestamp() at time zone 'UTC')::date;
begin
  if p_dollars = 0 then
    return;
  end if;
  update summaries_private.spending set dollars = dollars + p_dollars
  where id = (
    select id from summaries_private.spending where day = v_day and clinic_id = p_clinic
    limit 1 for no key update skip locked);
  if not found then
    insert into summaries_private.spending (day, clinic_id, dollars) values (v_day, p_clinic, p_dollars);
  end if;
end
$$;
comment on function summaries_private.spend is 'Adds to what the clinic has spent today.';
revoke all on function summaries_private.spend from public, anon, authenticated, service_role;

create function summaries_private.settle(p_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_slot summaries_private.slots;
begin
  select * into v_slot from summaries_private.slots where summary_id = p_id for update;
  perform summaries_private.spend(v_slot.clinic_id, v_slot.spent);
  update summaries_private.slots set reserved = 0, spent = 0
  where summary_id = p_id and (reserved > 0 or spent > 0);
end
$$;
comment on function summaries_private.settle is
  'An attempt has ended whose slot goes on to another: what it spent is noted, what it reserved is free.';
revoke all on function summaries_private.settle from public, anon, authenticated, service_role;

create function summaries_private.dollars_in_flight(p_clinic uuid, p_reserved boolean) returns numeric
language plpgsql stable security definer set search_path = ''
-- As in busy_clinics.
set enable_seqscan = on set enable_indexscan = off set enable_bitmapscan = off as $$
begin
  return coalesce((
    select sum(case when p_reserved then greatest(x.reserved, x.spent) else x.spent end)
    from summaries_private.slots x
    where x.summary_id is not null and (p_clinic is null or x.clinic_id = p_clinic)
  ), 0);
end
$$;
comment on function summaries_private.dollars_in_flight is
  'Spent by the attempts that are under way, in a clinic or in all; p_reserved: with what is reserved.';
revoke all on function summaries_private.dollars_in_flight from public, anon, authenticated, service_role;

create function summaries_private.dollars_today(p_clinic uuid, p_reserved boolean) returns numeric
language plpgsql stable security definer set search_path = '' as $$
declare
  v_day constant date := (clock_timestamp() at time zone 'UTC')::date;
begin
  if p_clinic is null then
    return summaries_private.dollars_in_flight(null, p_reserved) + coalesce((
      select sum(dollars) from summaries_private.spending where day = v_day), 0);
  end if;
  return summaries_private.dollars_in_flight(p_clinic, p_reserved) + coalesce((
    select sum(dollars) from summaries_private.spending where day = v_day and clinic_id = p_clinic), 0);
end
$$;
comment on function summaries_private.dollars_today is
  'Spent today in a clinic, null: in all; p_reserved: with what is reserved.';
revoke all on function summaries_private.dollars_today from public, anon, authenticated, service_role;

create function summaries_private.budget_of(p_clinic uuid) returns numeric
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select case when p_clinic is null then s.dollars_a_day else coalesce(
      (select c.dollars_a_day from public.clinics c where c.id = p_clinic), s.clinic_dollars_a_day) end
    from summaries_private.settings s
  );
end
$$;
comment on function summaries_private.budget_of is
  'Dollars a day of a clinic, null: of the whole project; null when there is no limit.';
revoke all on function summaries_private.budget_of from public, anon, authenticated, service_role;

create function summaries_private.room(p_clinic uuid, p_reserved boolean) returns numeric
language plpgsql stable security definer set search_path = '' as $$
declare
  v_budget constant numeric := summaries_private.budget_of(p_clinic);
begin
  return case when v_budget is not null
    then v_budget - summaries_private.dollars_today(p_clinic, p_reserved) end;
end
$$;
comment on function summaries_private.room is
  'Dollars that are left today of the budget of a clinic, null: of the project''s; null when there is none. '
  'p_reserved: what is reserved is not left either.';
revoke all on function summaries_private.room from public, anon, authenticated, service_role;

create function summaries_private.least_budget(p_clinic uuid) returns numeric
language plpgsql stable security definer set search_path = '' as $$
begin
  -- In one statement: each claim asks, also where there is none.
  return (
    select least(s.dollars_a_day, case when p_clinic is not null then coalesce(
      (select c.dollars_a_day from public.clinics c where c.id = p_clinic), s.clinic_dollars_a_day) end)
    from summaries_private.settings s
  );
end
$$;
comment on function summaries_private.least_budget is
  'Dollars a day that a clinic may spend at most, by its own budget and the project''s; null when there is no '
  'limit.';
revoke all on function summaries_private.least_budget from public, anon, authenticated, service_role;

create function summaries_private.least_room(p_clinic uuid, p_reserved boolean) returns numeric
language plpgsql stable security definer set search_path = '' as $$
begin
  return case when summaries_private.least_budget(p_clinic) is not null then
    least(summaries_private.room(null, p_reserved), summaries_private.room(p_clinic, p_reserved)) end;
end
$$;
comment on function summaries_private.least_room is
  'Dollars that are left today to a clinic, null: to all; null when there is no limit.';
revoke all on function summaries_private.least_room from public, anon, authenticated, service_role;

create function summaries_private.may_spend(p_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_clinic constant uuid := (select clinic_id from public.summaries where id = p_id);
begin
  if summaries_private.least_budget(v_clinic) is null then
    return true;
  end if;
  -- One after the other, claims too: each sees what those before have booked and reserved. Whoever has this
  -- lock waits for no other.
  perform pg_advisory_xact_lock(hashtextextended('budgets', 0));
  return summaries_private.least_room(v_clinic, false) > 0;
end
$$;
comment on function summaries_private.may_spend is
  'Whether another call may be paid for, of this summary that is under way; after all that the caller waits '
  'for.';
revoke all on function summaries_private.may_spend from public, anon, authenticated, service_role;

create function summaries_private.estimate(p_id uuid) returns numeric
language plpgsql stable security definer set search_path = '' as $$
declare
  -- Sound of 32 kbit/s, as browsers record speech, or as it is without compression.
  v_compressed constant integer := 4000;
  v_plain constant integer := 32000;
  v_tokens_a_second constant integer := 32;
  v_picture constant integer := 1120;
  -- What is asked beside it.
  v_prompt constant integer := 500;
  -- Of dense speech: a call writes twelve minutes of it on the plan of 150 s, and is given all the sound.
  v_written_a_second constant integer := 10;
  v_seconds_a_call constant integer := 720;
  -- A summary, with what is thought before.
  v_summary constant integer := 3000;
  v_now constant timestamptz := clock_timestamp();
  v_model constant text := (
    select c.model from summaries_private.model_calls c
    where c.clinic_id = (select clinic_id from public.summaries where id = p_id)
      and c.at > v_now - interval '2 days'
    order by c.at desc limit 1);
  v_price constant summaries_private.prices := summaries_private.price_of(v_model, v_now);
  v_listened record;
  v_composed integer := case when exists (
    select from summaries_private.summary_jobs where summary_id = p_id and draft is not null) then 2 else 3 end;
begin
  select
    coalesce(sum(case when f.whole then 0 when f.kind = 'image' then v_picture + v_prompt
      else ceil((f.seconds - f.heard) / v_seconds_a_call) * (f.seconds * v_tokens_a_second + v_prompt)
      end), 0) as input,
    coalesce(sum(case when f.whole then 0 when f.kind = 'image' then v_picture
      else (f.seconds - f.heard) * v_written_a_second end), 0) as output,
    coalesce(sum(case when f.kind = 'image' then v_picture else f.seconds * v_written_a_second end), 0)
      as text
  into v_listened
  from (
    select r.kind, coalesce(e.whole, false) as whole, coalesce(e.heard, 0) as heard,
      greatest(e.heard, coalesce(e.seconds, r.size_bytes / case
        when r.declared_type ~ '(wav|wave|pcm|aiff|l16|flac)' then v_plain else v_compressed end, 0), 1)
        as seconds
    from public.summaries s
    join public.recordings r on r.consultation_id = s.consultation_id
    left join lateral (
      select bool_or(x.is_last) as whole, max(x.to_seconds) as heard,
        -- Each call was given all of it.
        max((x.usage ->> 'audio_tokens')::numeric / nullif((x.usage ->> 'calls')::numeric, 0))
          / v_tokens_a_second as seconds
      from public.extractions x
      where x.recording_id = r.id and x.object_version = r.object_version and x.take = r.take
    ) e on true
    where s.id = p_id and r.deleted_at is null and r.excluded is null
  ) f;
  return (
    (v_listened.input + v_composed * (v_prompt + v_listened.text)) * v_price.input
    + (v_listened.output + v_composed * v_summary) * v_price.output) / 1000000;
end
$$;
comment on function summaries_private.estimate is
  'Dollars that a summary is expected to cost still: its sound by the bytes, or as it was counted; without '
  'what was saved; a repair and a second reading counted; by the price of the model that the clinic''s last call was of.';
revoke all on function summaries_private.estimate from public, anon, authenticated, service_role;

create function summaries_private.share_of(p_dollars numeric, p_room numeric, p_budget numeric)
returns numeric language plpgsql immutable set search_path = '' as $$
begin
  return case when p_room is null then p_dollars when p_room <= 0 then null
    when p_dollars <= p_room then p_dollars when p_room >= p_budget / 2 then p_room end;
end
$$;
comment on function summaries_private.share_of is
  'What a summary of so many dollars reserves of the room that is left, null: without a limit. One that is '
  'larger than the room takes all of it, where that is half of the day''s: else it would never begin. Null: '
  'it waits.';
revoke all on function summaries_private.share_of from public, anon, authenticated, service_role;

create function summaries_private.reservation(p_id uuid) returns numeric
language plpgsql security definer set search_path = '' as $$
declare
  v_clinic constant uuid := (
    select clinic_id from summaries_private.summary_jobs where summary_id = p_id);
  v_budget constant numeric := summaries_private.least_budget(v_clinic);
  v_dollars numeric;
begin
  if v_budget is null then
    return 0;
  end if;
  v_dollars := summaries_private.estimate(p_id);
  -- As in may_spend.
  perform pg_advisory_xact_lock(hashtextextended('budgets', 0));
  return summaries_private.share_of(v_dollars, summaries_private.least_room(v_clinic, true), v_budget);
end
$$;
comment on function summaries_private.reservation is
  'What a summary reserves that is about to be claimed; null when the budgets have no room for it.';
revoke all on function summaries_private.reservation from public, anon, authenticated, service_role;

create function summaries_private.next_budget_at(p_clinic uuid) returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
declare
  v_day constant timestamptz :=
    date_trunc('day', clock_timestamp() + interval '24 hours', 'UTC');
begin
  return greatest(v_day, (
    select j.run_after from summaries_private.summary_jobs j
    where j.clinic_id = p_clinic and j.run_after between v_day and v_day + interval '1 hour'
    order by j.run_after desc limit 1
  ) + interval '1 millisecond');
end
$$;
comment on function summaries_private.next_budget_at is
  'When what has no budget today is due: as the next day of UTC begins, in the order in which it came to wait.';
revoke all on function summaries_private.next_budget_at from public, anon, authenticated, service_role;
-- Asked by prepare_summary, which runs as the caller.
grant execute on function summaries_private.next_budget_at to authenticated, service_role;

create function summaries_private.wait_for_budget(p_id uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_clinic constant uuid := (
    select clinic_id from summaries_private.summary_jobs where summary_id = p_id);
begin
  perform summaries_private.requeue(p_id, 'budget', 0);
  perform summaries_private.served(v_clinic, false);
  return v_clinic;
end
$$;
comment on function summaries_private.wait_for_budget is
  'A queued summary, which the caller has locked, waits for the next day. Gives its clinic.';
revoke all on function summaries_private.wait_for_budget from public, anon, authenticated, service_role;

create view summaries_private.budgets as
with today as (
  select d.clinic_id, sum(d.spent) as spent, sum(d.reserved) as reserved
  from (
    select clinic_id, dollars as spent, 0 as reserved from summaries_private.spending
    where day = (clock_timestamp() at time zone 'UTC')::date
    union all
    select clinic_id, spent, greatest(reserved - spent, 0) from summaries_private.slots
    where summary_id is not null
  ) d
  group by d.clinic_id
)
select null::uuid as clinic_id, s.dollars_a_day, coalesce(sum(t.spent), 0) as spent,
  coalesce(sum(t.reserved), 0) as reserved
from summaries_private.settings s left join today t on true
group by s.dollars_a_day
union all
select c.id, coalesce(c.dollars_a_day, s.clinic_dollars_a_day), coalesce(t.spent, 0),
  coalesce(t.reserved, 0)
from summaries_private.settings s cross join public.clinics c left join today t on t.clinic_id = c.id
where t.clinic_id is not null or c.dollars_a_day is not null;
comment on view summaries_private.budgets is
  'For an operator, in SQL: dollars of today, first those of the whole project (without a clinic_id), then '
  'of each clinic that spent some or has a budget of its own.';
comment on column summaries_private.budgets.dollars_a_day is 'The budget; null: no limit.';
comment on column summaries_private.budgets.spent is 'By calls that were booked today.';
comment on column summaries_private.budgets.reserved is 'What those under way are expected to cost still.';
revoke all on summaries_private.budgets from public, anon, authenticated, service_role;
