-- Whether the model's service answers at all: while it doesn't, one summary probes and the rest wait.

create table summaries_private.breaker (
  only_row boolean primary key default true check (only_row),
  reason text check (reason in ('provider', 'account')),
  paused_until timestamptz,
  probe uuid,
  probes integer not null default 0,
  failed_at timestamptz,
  failed_of uuid,
  succeeded_at timestamptz not null default '-infinity',
  marked text,
  check ((reason is null) = (paused_until is null))
);
insert into summaries_private.breaker default values;
comment on table summaries_private.breaker is
  'Opens when calls for two recordings fail within a minute and none succeeds, closes with the first success.';
comment on column summaries_private.breaker.only_row is 'Always true, so that there is one row.';
comment on column summaries_private.breaker.reason is
  'provider | account, while it is open: the service answers nobody, or not this account.';
comment on column summaries_private.breaker.paused_until is
  'Nothing is claimed before; afterwards one summary at a time, as a probe.';
comment on column summaries_private.breaker.probe is 'That summary.';
comment on column summaries_private.breaker.probes is 'How many have failed in a row.';
comment on column summaries_private.breaker.failed_at is
  'The last failure, unless something succeeded since.';
comment on column summaries_private.breaker.failed_of is 'The recording it was about, else the summary.';
comment on column summaries_private.breaker.succeeded_at is
  'The first success after the last failure. Not each one, or every worker would write here.';
comment on column summaries_private.breaker.marked is
  'The reason that all queued summaries show in waiting_for; null: none.';
revoke all on summaries_private.breaker from public, anon, authenticated, service_role;

create function summaries_private.model_failed(p_summary uuid, p_reason text, p_of uuid[])
returns boolean language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz;
  v_breaker summaries_private.breaker;
  v_opens boolean;
begin
  select * into v_breaker from summaries_private.breaker where only_row for no key update;
  v_now := clock_timestamp();
  if cardinality(p_of) = 0 then
    p_of := array[p_summary];
  end if;
  if v_breaker.reason is not null then
    if v_breaker.probe = p_summary then
      update summaries_private.breaker set
        reason = p_reason, probe = null, probes = probes + 1,
        paused_until = v_now + make_interval(secs => least(15 * 2 ^ least(probes + 1, 10), 120))
      where only_row;
    end if;
    return true;
  end if;
  v_opens := cardinality(p_of) > 1 or coalesce(
    v_breaker.failed_at > v_now - interval '1 minute' and v_breaker.failed_of <> all (p_of), false);
  update summaries_private.breaker set
    failed_at = v_now, failed_of = p_of[1],
    reason = case when v_opens then p_reason end,
    paused_until = case when v_opens then v_now + interval '15 seconds' end
  where only_row;
  return v_opens;
end
$$;
comment on function summaries_private.model_failed is
  'Notes that calls failed, for the recordings of p_of or for the summary itself, by no fault of theirs; '
  'whether the breaker is open.';
revoke all on function summaries_private.model_failed from public, anon, authenticated, service_role;

create function summaries_private.model_answered() returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_reason text;
begin
  -- Nothing to note is the rule: it takes no lock.
  if not exists (
    select from summaries_private.breaker where reason is not null or failed_at is not null
  ) then
    return;
  end if;
  select reason into v_reason from summaries_private.breaker where only_row for no key update;
  update summaries_private.breaker set
    reason = null, paused_until = null, probe = null, probes = 0, failed_at = null, failed_of = null,
    succeeded_at = clock_timestamp()
  where only_row;
  if v_reason is not null then
    perform summaries_private.wake_for_free_slots();
  end if;
end
$$;
comment on function summaries_private.model_answered is
  'Notes that a call succeeded: what was held goes on.';
revoke all on function summaries_private.model_answered from public, anon, authenticated, service_role;

create function summaries_private.waits_for(p_clinic uuid default null) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce(
    (select reason from summaries_private.breaker),
    case when summaries_private.least_room(p_clinic, true) <= 0 then 'budget' end,
    case when not exists (select from summaries_private.slots where summary_id is null) then 'slot' end);
end
$$;
comment on function summaries_private.waits_for is
  'What a summary that is due waits for, of this clinic or of any: provider | account | budget | slot; null '
  'when it can start.';
revoke all on function summaries_private.waits_for from public, anon, authenticated, service_role;
-- Asked by prepare_summary, which runs as the caller.
grant execute on function summaries_private.waits_for to authenticated, service_role;
