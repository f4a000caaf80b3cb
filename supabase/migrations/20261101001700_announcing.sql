-- What a change of a summary leaves behind: events, earlier texts, a message to the clinic's topic.

create function summaries_private.record_summary() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_actor constant uuid := auth.uid();
  v_event text;
  v_detail jsonb;
begin
  if tg_op = 'INSERT' then
    v_event := 'status';
    v_detail := jsonb_build_object('to', new.status);
    if new.amends is not null then
      v_detail := v_detail || jsonb_build_object('amends', new.amends);
      insert into public.summary_recordings
        (summary_id, recording_id, clinic_id, object_version, take, outcome, code, message, missing)
      select new.id, u.recording_id, u.clinic_id, u.object_version, u.take, u.outcome, u.code, u.message,
        u.missing
      from public.summary_recordings u where u.summary_id = new.amends;
    end if;
  elsif new.status <> old.status then
    v_event := 'status';
    v_detail := jsonb_strip_nulls(jsonb_build_object('from', old.status, 'to', new.status,
      'code', case when new.status in ('queued', 'failed') then new.error_code end,
      'attempt', (
        select j.attempts from summaries_private.summary_jobs j where j.summary_id = new.id)));
  elsif new.stage <> old.stage then
    v_event := 'stage';
    v_detail := jsonb_build_object('from', old.stage, 'to', new.stage);
  elsif new.summary <> old.summary and new.review_status <> 'withdrawn' then
    v_event := 'edit';
    v_detail := jsonb_build_object('from', old.version, 'to', new.version);
    insert into public.summary_revisions (summary_id, version, clinic_id, summary, edited_by)
    values (new.id, old.version, new.clinic_id, old.summary, v_actor);
  end if;
  if v_event is not null then
    insert into public.summary_events (clinic_id, consultation_id, summary_id, actor, event, detail)
    values (new.clinic_id, new.consultation_id, new.id,
      case when tg_op = 'INSERT' then coalesce(v_actor, new.requested_by) else v_actor end,
      v_event, v_detail);
  end if;
  if tg_op = 'UPDATE' then
    if new.review_status <> old.review_status then
      insert into public.summary_events (clinic_id, consultation_id, summary_id, actor, event, detail)
      values (new.clinic_id, new.consultation_id, new.id, v_actor, 'review',
        jsonb_strip_nulls(jsonb_build_object('from', old.review_status, 'to', new.review_status,
          'supersedes', new.supersedes)));
    end if;
    if (new.status, new.waiting_for, new.review_status, new.version, new.superseded_by)
      is not distinct from
      (old.status, old.waiting_for, old.review_status, old.version, old.superseded_by)
    then
      return null;
    end if;
  end if;
  -- Its failure must not undo what it tells of.
  begin
    -- Until this commits the topic does not move. One of 256 locks, so that a statement about many clinics
    -- doesn't fill the table of locks.
    perform pg_advisory_xact_lock_shared(hashtext('topics'), hashtext(new.clinic_id::text) & 255);
    perform realtime.send(
      jsonb_build_object('id', new.id, 'consultation_id', new.consultation_id, 'status', new.status,
        'waiting_for', new.waiting_for, 'incomplete', new.incomplete,
        'review_status', new.review_status, 'version', new.version),
      'summary', (select c.topic from public.clinics c where c.id = new.clinic_id), true);
  exception when others then
    raise warning 'summary %: no broadcast (%)', new.id, sqlstate;
  end;
  return null;
end
$$;
comment on function summaries_private.record_summary is
  'Writes events and revisions, and tells the private topic that clinics.topic names, as event summary: '
  '{id, consultation_id, status, waiting_for, incomplete, review_status, version}. A change of stage tells '
  'nobody: whoever has that summary open reads it.';
revoke all on function summaries_private.record_summary from public, anon, authenticated, service_role;
create trigger record_summary after insert or update on public.summaries
  for each row execute function summaries_private.record_summary();

create policy "members listen to their clinics' topics" on realtime.messages
  for select to authenticated
  using (
    realtime.messages.extension = 'broadcast'
    and (select realtime.topic()) in (
      select c.topic from public.clinics c
      where c.id = any (array(select summaries_private.clinic_ids())))
  );
