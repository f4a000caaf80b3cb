-- What people may do with summaries, beyond what policies can say: they ask, cancel, edit, review, amend.
-- Refusals are SQLSTATE PTxyz, which the Data API answers with status xyz.

create function summaries_private.seconds_to_wait(p_clinic uuid, p_user uuid) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_settings summaries_private.settings;
  v_since timestamptz := clock_timestamp() - interval '1 hour';
  v_oldest timestamptz;
begin
  -- One at a time for each clinic, or requests in parallel would each see room.
  perform pg_advisory_xact_lock(hashtextextended('requests of ' || p_clinic, 0));
  select * into v_settings from summaries_private.settings;
  -- The one that must become older than an hour before there is room again.
  select greatest(
    (select s.created_at from public.summaries s
      where s.requested_by = p_user and s.created_at > v_since
      order by s.created_at desc offset v_settings.user_requests_per_hour - 1 limit 1),
    (select s.created_at from public.summaries s
      where s.clinic_id = p_clinic and s.created_at > v_since
      order by s.created_at desc offset v_settings.clinic_requests_per_hour - 1 limit 1)
  ) into v_oldest;
  return ceil(extract(epoch from v_oldest - v_since));
end
$$;
comment on function summaries_private.seconds_to_wait is
  'Null when the hourly limits of user and clinic have room for one more summary, else the seconds '
  'until they do. Uploads count and are never refused.';
revoke all on function summaries_private.seconds_to_wait from public, anon, authenticated, service_role;
grant execute on function summaries_private.seconds_to_wait to authenticated;

create function summaries_private.prepare_summary() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_amended public.summaries;
  v_wait integer;
begin
  new.submitted_by := nullif(new.submitted_by, '');
  new.clinic_id := coalesce(new.clinic_id,
    (select c.clinic_id from public.consultations c where c.id = new.consultation_id));
  if current_user = 'authenticated' then
    new.requested_by := auth.uid();
    new.submitted_by := coalesce(new.submitted_by,
      (select m.role from public.clinic_members m
        where m.clinic_id = new.clinic_id and m.user_id = auth.uid() and m.role <> 'admin'));
    -- Strangers are left to the policy.
    if new.clinic_id in (select summaries_private.clinic_ids()) then
      if new.amends is null and not exists (
        select from public.recordings r
        where r.consultation_id = new.consultation_id and r.deleted_at is null
      ) then
        raise exception using errcode = 'PT422', detail = 'no_recordings',
          message = 'The consultation has no recordings: upload one first.';
      end if;
      v_wait := summaries_private.seconds_to_wait(new.clinic_id, new.requested_by);
      if v_wait is not null then
        -- This form carries a header.
        raise sqlstate 'PGRST' using
          message = jsonb_build_object('code', 'PT429', 'details', 'rate_limited', 'hint', null,
            'message', format('Too many summaries were asked for: try again in %s seconds.', v_wait)),
          detail = jsonb_build_object('status', 429,
            'headers', jsonb_build_object('Retry-After', v_wait::text));
      end if;
    end if;
  end if;
  new.submitted_by := coalesce(new.submitted_by, 'doctor');

  if new.amends is not null then
    select * into v_amended from public.summaries
    where id = new.amends and consultation_id = new.consultation_id;
    if v_amended.review_status is distinct from 'approved' or exists (
      select from public.summaries where amends = new.amends and review_status = 'approved'
    ) then
      raise exception using errcode = 'PT409', detail = 'not_approved',
        message = 'Only the newest approved summary of this consultation can be amended.';
    end if;
    if new.clinic_id not in (select summaries_private.clinic_ids(array['doctor', 'nurse', 'admin'])) then
      raise exception using errcode = 'PT403', detail = 'forbidden',
        message = 'Only doctors, nurses and admins amend summaries.';
    end if;
    new.status := 'completed';
    new.completed_at := clock_timestamp();
    new.template_config := v_amended.template_config;
    new.submitted_by := v_amended.submitted_by;
    new.sections := v_amended.sections;
    new.summary := v_amended.summary;
    new.model := v_amended.model;
    new.prompt_version := v_amended.prompt_version;
    new.usage := v_amended.usage;
  end if;
  return new;
end
$$;
comment on function summaries_private.prepare_summary is
  'Fills in what a new summary leaves open, checks what people may ask for, and makes an amendment from '
  'the summary it amends. Runs as the caller: only there current_user tells people from the worker.';
revoke all on function summaries_private.prepare_summary from public, anon, authenticated, service_role;
create trigger prepare_summary before insert on public.summaries
  for each row execute function summaries_private.prepare_summary();

create function summaries_private.guard_summary() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_editable constant text[] :=
    array['summary', 'review_status', 'version', 'approved_by', 'approved_at', 'updated_at'];
  v_edited boolean := new.summary is distinct from old.summary;
  v_reviewed boolean := new.review_status <> old.review_status;
begin
  if old.review_status = 'approved' then
    raise exception using errcode = 'PT409', detail = 'approved',
      message = 'An approved summary is final: insert a summary that amends it.';
  end if;
  if new.status <> old.status and (old.status, new.status) not in (
    ('queued', 'processing'), ('queued', 'cancelled'),
    ('processing', 'queued'), ('processing', 'completed'),
    ('processing', 'failed'), ('processing', 'cancelled')
  ) then
    raise exception using errcode = 'PT409', detail = 'illegal_transition',
      message = format('A summary that is %s cannot become %s.', old.status, new.status);
  end if;
  if old.status in ('completed', 'failed', 'cancelled')
    and to_jsonb(new) - v_editable <> to_jsonb(old) - v_editable
  then
    raise exception using errcode = 'PT409', detail = 'ended',
      message = 'A summary that has ended keeps its result.';
  end if;
  new.updated_at := clock_timestamp();
  if new.status <> 'processing' then
    new.stage := null;
  end if;

  if current_user <> 'authenticated' then
    return new;
  end if;
  if new.status <> old.status and new.status <> 'cancelled' then
    raise exception using errcode = 'PT403', detail = 'forbidden',
      message = 'People set a summary''s status to cancelled only.';
  end if;
  if not v_edited and not v_reviewed then
    new.version := old.version;
    return new;
  end if;
  if old.status <> 'completed' then
    raise exception using errcode = 'PT409', detail = 'not_completed',
      message = 'Only a completed summary can be edited and reviewed.';
  end if;
  if old.clinic_id not in (select summaries_private.clinic_ids(array['doctor', 'nurse', 'admin'])) then
    raise exception using errcode = 'PT403', detail = 'forbidden',
      message = 'Only doctors, nurses and admins edit and review summaries.';
  end if;
  if new.version <> old.version + 1 then
    raise exception using errcode = 'PT409', detail = 'version_conflict',
      message = 'Somebody else changed this summary: load it again, and send version + 1.';
  end if;
  if old.review_status = 'rejected' then
    if not v_edited then
      raise exception using errcode = 'PT409', detail = 'illegal_transition',
        message = 'A rejected summary becomes a draft again by an edit.';
    end if;
    new.review_status := 'draft';
  end if;
  if new.review_status = 'approved' then
    new.approved_by := auth.uid();
    new.approved_at := clock_timestamp();
  end if;
  return new;
end
$$;
comment on function summaries_private.guard_summary is
  'Legal changes of a summary: its states for everybody, and column by column what people may do. Runs as '
  'the caller, as prepare_summary does.';
revoke all on function summaries_private.guard_summary from public, anon, authenticated, service_role;
create trigger guard_summary before update on public.summaries
  for each row execute function summaries_private.guard_summary();

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
      (1, new.status <> old.status or new.started_at is distinct from old.started_at, 'status', jsonb_strip_nulls(jsonb_build_object(
        'from', old.status, 'to', new.status,
        'code', case when new.status in ('queued', 'failed') then new.error_code end,
        'attempt', (select j.attempts from summaries_private.summary_jobs j where j.summary_id = new.id)))),
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
  'Writes events and revisions, and tells the clinic''s topic: {id, consultation_id, status, stage, '
  'review_status} as event summary.';
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
