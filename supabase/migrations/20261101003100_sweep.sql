-- What repeats everything that got lost.

create function summaries_private.sweep_summaries() returns void
language plpgsql security definer set search_path = ''
-- What somebody holds is left for the next time.
set lock_timeout = '200ms'
as $$
declare
  v_missed summaries_private.missed_uploads;
  v_outcome text;
  v_id uuid;
  v_free integer;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('sweep-summaries', 0)) then
    return;
  end if;

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

  -- Without the trigger each time; else as a check, because storage.objects has no index for it.
  if not summaries_private.watches_uploads() or (
    select date_bin('10 minutes', last_sweep_at, 'epoch') from summaries_private.settings
  ) is distinct from date_bin('10 minutes', clock_timestamp(), 'epoch') then
    perform summaries_private.take_unnoticed();
  end if;

  for v_id in
    select s.id from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
    where s.status = 'processing' and j.lease_expires_at <= clock_timestamp()
  loop
    begin
      perform from public.consultations c
      where c.id = (select s.consultation_id from public.summaries s where s.id = v_id)
      for no key update skip locked;
      continue when not found;
      perform from public.summaries s where s.id = v_id and s.status = 'processing'
      for no key update skip locked;
      continue when not found;
      perform from summaries_private.summary_jobs j
      where j.summary_id = v_id and j.lease_expires_at <= clock_timestamp();
      continue when not found;
      perform summaries_private.give_back(v_id, true);
    exception when others then
      raise warning 'summary %: not taken back (%)', v_id, sqlstate;
    end;
  end loop;

  v_free := (select max_in_flight from summaries_private.settings) - summaries_private.processing();
  if v_free > 0 then
    perform summaries_private.hint(n) from summaries_private.next_in_line(v_free) n;
  end if;

  perform summaries_private.hint(c.summary_id)
  from (
    select j.summary_id from summaries_private.summary_jobs j
    where j.cleanup and summaries_private.wants_cleanup(j.summary_id)
    limit 20
  ) c;

  -- Files at Gemini live for 48 hours.
  update summaries_private.summary_jobs j set cleanup = false
  from public.summaries s
  where s.id = j.summary_id and j.cleanup and s.updated_at < clock_timestamp() - interval '48 hours'
    and s.status in ('completed', 'failed', 'cancelled');
  delete from summaries_private.missed_uploads
  where not replay and at < clock_timestamp() - interval '30 days';
  begin
    delete from cron.job_run_details d using cron.job c
    where c.jobid = d.jobid and c.jobname = 'sweep-summaries'
      and d.end_time < clock_timestamp() - interval '1 day';
  exception when others then
    raise warning 'cron.job_run_details not pruned (%)', sqlstate;
  end;
  -- Where pg-safeupdate is on, a statement without a condition would undo the sweep.
  update summaries_private.settings set last_sweep_at = clock_timestamp() where only_row;
end
$$;
comment on function summaries_private.sweep_summaries is
  'Every 15 seconds, one at a time: replays missed uploads, takes those of the last hour that the trigger '
  'was not there for, takes back leases that ran out, hints what is due as far as there are slots, asks '
  'for cleanup at Gemini, prunes.';
revoke all on function summaries_private.sweep_summaries from public, anon, authenticated, service_role;

select cron.schedule('sweep-summaries', '15 seconds', 'select summaries_private.sweep_summaries()');
