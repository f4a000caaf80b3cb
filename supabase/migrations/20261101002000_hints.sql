-- HTTP calls that tell the function of a summary. A lost one does no harm, the sweep repeats it.

create function summaries_private.hint(p_summary uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_url text;
  v_key text;
begin
  select decrypted_secret into v_url from vault.decrypted_secrets where name = 'project_url';
  select decrypted_secret into v_key from vault.decrypted_secrets where name = 'secret_key';
  if v_url is null or v_key is null then
    return;
  end if;
  perform net.http_post(
    url := v_url || '/functions/v1/generate-summary',
    body := jsonb_build_object('summary_id', p_summary),
    headers := jsonb_build_object('Content-Type', 'application/json', 'apikey', v_key),
    timeout_milliseconds := 5000
  );
exception when others then
  raise warning 'summary %: no hint (%)', p_summary, sqlstate;
end
$$;
comment on function summaries_private.hint is
  'Tells the function generate-summary of a summary, after commit; never raises. Needs the Vault secrets '
  'project_url (https://<ref>.supabase.co) and secret_key (a key of its own); without them it does nothing.';
revoke all on function summaries_private.hint from public, anon, authenticated, service_role;

create function summaries_private.dispatch_summary() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    if new.status not in ('queued', 'processing') then
      return null;
    end if;
    insert into summaries_private.summary_jobs (summary_id, clinic_id, run_after)
    values (new.id, new.clinic_id, case when new.status = 'queued' then clock_timestamp() end);
    if new.status = 'queued'
      and summaries_private.processing() < (select max_in_flight from summaries_private.settings)
    then
      perform summaries_private.hint(new.id);
    end if;
    return null;
  end if;
  if new.status = 'cancelled' then
    update summaries_private.summary_jobs set run_after = null
    where summary_id = new.id and run_after is not null;
  end if;
  if old.status = 'processing' then
    -- A slot is free: for whoever is next, this one itself after a release.
    perform summaries_private.hint(n) from summaries_private.next_in_line(1) n
    where summaries_private.processing() < (select max_in_flight from summaries_private.settings);
  end if;
  return null;
end
$$;
comment on function summaries_private.dispatch_summary is
  'Gives a new summary its job, and sends hints where there is a slot.';
revoke all on function summaries_private.dispatch_summary from public, anon, authenticated, service_role;
-- By name before record_summary, which reads the job.
create trigger dispatch_new_summary after insert on public.summaries
  for each row execute function summaries_private.dispatch_summary();
create trigger dispatch_summary after update of status on public.summaries
  for each row when (old.status <> new.status) execute function summaries_private.dispatch_summary();
