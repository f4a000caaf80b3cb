-- HTTP calls that wake the function. A lost one does no harm, the sweep repeats it.

create function summaries_private.wake(p_loops integer default 1) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_url text;
  v_key text;
begin
  select max(decrypted_secret) filter (where name = 'project_url'),
    max(decrypted_secret) filter (where name = 'hint_key')
  into v_url, v_key
  from vault.decrypted_secrets where name in ('project_url', 'hint_key');
  if v_url is null or v_key is null then
    return;
  end if;
  perform net.http_post(
    url := v_url || '/functions/v1/generate-summary',
    body := '{}'::jsonb,
    headers := jsonb_build_object('Content-Type', 'application/json', 'apikey', v_key),
    timeout_milliseconds := 5000
  ) from generate_series(1, p_loops);
exception when others then
  raise warning 'no hint (%)', sqlstate;
end
$$;
comment on function summaries_private.wake is
  'Wakes so many workers'' loops of the function generate-summary, after commit; never raises. Names no '
  'summary: each takes what is due then. Needs the Vault secrets project_url (https://<ref>.supabase.co) '
  'and hint_key (the function''s secret HINT_KEY); without them it does nothing.';
revoke all on function summaries_private.wake from public, anon, authenticated, service_role;

create function summaries_private.has_due() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  -- The first one in order: a plan that is kept for any moment would read all rows to find one.
  return coalesce((
    select run_after from summaries_private.summary_jobs
    where run_after is not null order by run_after limit 1
  ) <= clock_timestamp(), false);
end
$$;
comment on function summaries_private.has_due is 'Whether a summary may start.';
revoke all on function summaries_private.has_due from public, anon, authenticated, service_role;

create function summaries_private.wake_for_free_slots() returns void
language plpgsql security definer set search_path = '' as $$
declare
  -- A batch of pg_net is 200, and waits for its slowest answer.
  v_most constant integer := 50;
  v_now constant timestamptz := clock_timestamp();
  v_breaker summaries_private.breaker;
  v_loops integer;
begin
  select * into v_breaker from summaries_private.breaker;
  if v_breaker.paused_until > v_now then
    return;
  end if;
  select count(*) into v_loops from (
    select from summaries_private.summary_jobs where run_after <= v_now
    order by run_after
    limit least(v_most, (select count(*) from summaries_private.slots where summary_id is null))
  ) due;
  -- The probe alone.
  if v_breaker.reason is not null then
    v_loops := least(v_loops, 1);
  end if;
  if v_loops > 0 then
    perform summaries_private.wake(v_loops);
  end if;
end
$$;
comment on function summaries_private.wake_for_free_slots is
  'Starts as many loops as there are free slots and due summaries, fifty at most.';
revoke all on function summaries_private.wake_for_free_slots from public, anon, authenticated, service_role;

create function summaries_private.dispatch_summary() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    if new.status = 'queued' then
      insert into summaries_private.summary_jobs (summary_id, clinic_id, run_after)
      values (new.id, new.clinic_id, new.due_at);
      perform summaries_private.queue_up(new.clinic_id, new.due_at);
      if new.waiting_for is null then
        perform summaries_private.wake();
      end if;
    end if;
    return null;
  end if;
  if new.status = 'cancelled' then
    update summaries_private.summary_jobs j set
      run_after = null, draft = null, ended_at = clock_timestamp(),
      -- Its worker may still be uploading, until it hears of it.
      cleanup_after = case when j.cleanup then coalesce((
        select x.lease_expires_at from summaries_private.slots x where x.summary_id = new.id
      ), clock_timestamp()) end
    where summary_id = new.id;
  end if;
  if old.status = 'processing' then
    perform summaries_private.free_slot(new.id);
    if summaries_private.waits_for() is null and summaries_private.has_due() then
      perform summaries_private.wake();
    end if;
  end if;
  return null;
end
$$;
comment on function summaries_private.dispatch_summary is
  'Gives a new summary its job. Whatever ends an attempt gives the slot back; where it would stay free, a '
  'worker is woken.';
revoke all on function summaries_private.dispatch_summary from public, anon, authenticated, service_role;
-- By name before record_summary, which reads the job.
create trigger dispatch_new_summary after insert on public.summaries
  for each row execute function summaries_private.dispatch_summary();
-- A worker that completes a summary goes on with its slot: complete_summary gives it back.
create trigger dispatch_summary after update of status on public.summaries
  for each row when (old.status <> new.status and new.status not in ('processing', 'completed'))
  execute function summaries_private.dispatch_summary();

create function summaries_private.forget_summary() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform summaries_private.free_slot(old.id);
  return null;
end
$$;
comment on function summaries_private.forget_summary is 'A summary that is deleted gives its slot back.';
revoke all on function summaries_private.forget_summary from public, anon, authenticated, service_role;
create trigger forget_summary after delete on public.summaries
  for each row when (old.status = 'processing') execute function summaries_private.forget_summary();
