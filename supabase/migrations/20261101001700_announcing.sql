-- What a change of a summary leaves behind: events, earlier texts, a message to the clinic's topic.

create function summaries_private.record_summary() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_actor uuid := auth.uid();
begin
  if tg_op = 'INSERT' then
    insert into public.summary_events (clinic_id, summary_id, actor, event, detail)
    values (new.clinic_id, new.id, coalesce(v_actor, new.requested_by), 'status', jsonb_strip_nulls(
      jsonb_build_object('to', new.status, 'amends', new.amends)));
    if new.amends is not null then
      insert into public.summary_recordings
      select new.id, u.recording_id, u.clinic_id, u.object_version, u.outcome, u.code, u.message
      from public.summary_recordings u where u.summary_id = new.amends;
    end if;
  else
    insert into public.summary_events (clinic_id, summary_id, actor, event, detail)
    select new.clinic_id, new.id, v_actor, e.event, e.detail
    from (values
      -- A lease taken over starts an attempt, too.
      (1, new.status <> old.status or new.started_at is distinct from old.started_at, 'status',
        jsonb_strip_nulls(jsonb_build_object(
          'from', old.status, 'to', new.status,
          'code', case when new.status in ('queued', 'failed') then new.error_code end,
          'attempt', (select j.attempts from summaries_private.summary_jobs j
            where j.summary_id = new.id)))),
      (2, new.stage is distinct from old.stage and new.stage is not null, 'stage',
        jsonb_strip_nulls(jsonb_build_object('from', old.stage, 'to', new.stage))),
      (3, new.status = old.status and new.summary is distinct from old.summary, 'edit',
        jsonb_build_object('from', old.version, 'to', new.version)),
      (4, new.review_status <> old.review_status, 'review',
        jsonb_build_object('from', old.review_status, 'to', new.review_status))
    ) as e (n, happened, event, detail)
    where e.happened
    order by e.n;
    if old.status = 'completed' and new.summary is distinct from old.summary then
      insert into public.summary_revisions (summary_id, version, clinic_id, summary, edited_by)
      values (new.id, old.version, new.clinic_id, old.summary, v_actor);
    end if;
    if (new.status, new.stage, new.review_status, new.version)
      is not distinct from (old.status, old.stage, old.review_status, old.version)
    then
      return null;
    end if;
  end if;
  -- Its failure must not undo what it tells of.
  begin
    perform realtime.send(
      jsonb_build_object('id', new.id, 'consultation_id', new.consultation_id, 'status', new.status,
        'stage', new.stage, 'review_status', new.review_status),
      'summary', 'clinic:' || new.clinic_id, true);
  exception when others then
    raise warning 'summary %: no broadcast (%)', new.id, sqlstate;
  end;
  return null;
end
$$;
comment on function summaries_private.record_summary is
  'Writes events and revisions, and tells the clinic''s private topic, clinic:{clinic_id}: {id, '
  'consultation_id, status, stage, review_status} as event summary.';
revoke all on function summaries_private.record_summary from public, anon, authenticated, service_role;
create trigger record_summary after insert or update on public.summaries
  for each row execute function summaries_private.record_summary();

create policy "members listen to their clinics' topics" on realtime.messages
  for select to authenticated
  using (
    realtime.messages.extension = 'broadcast'
    -- As text: a topic need not hold a uuid.
    and (select realtime.topic()) in (select 'clinic:' || c from summaries_private.clinic_ids() c)
  );
