-- Whoever inserts a summary asks for one: what people may ask for, and what is filled in.
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

create function summaries_private.assert_may_ask(p_clinic uuid, p_user uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_wait constant integer := summaries_private.seconds_to_wait(p_clinic, p_user);
begin
  if v_wait is not null then
    -- This form carries a header.
    raise sqlstate 'PGRST' using
      message = jsonb_build_object('code', 'PT429', 'details', 'rate_limited', 'hint', null,
        'message', format('Too many summaries were asked for: try again in %s seconds.', v_wait)),
      detail = jsonb_build_object('status', 429,
        'headers', jsonb_build_object('Retry-After', v_wait::text));
  end if;
end
$$;
comment on function summaries_private.assert_may_ask is
  'Refuses with 429 and Retry-After when seconds_to_wait says so.';
revoke all on function summaries_private.assert_may_ask from public, anon, authenticated, service_role;
grant execute on function summaries_private.assert_may_ask to authenticated;

create function summaries_private.prepare_summary() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_amended public.summaries;
begin
  new.submitted_by := nullif(new.submitted_by, '');
  new.clinic_id := coalesce(new.clinic_id,
    (select c.clinic_id from public.consultations c where c.id = new.consultation_id));
  if current_user = 'authenticated' then
    new.requested_by := auth.uid();
    new.submitted_by := coalesce(new.submitted_by,
      (select m.role from public.clinic_members m
        where m.clinic_id = new.clinic_id and m.user_id = auth.uid() and m.role <> 'admin'));
    if new.submitted_by not in ('doctor', 'nurse', 'receptionist') then
      raise exception using errcode = 'PT422', detail = 'invalid_request',
        message = 'Who recorded is a doctor, nurse or receptionist.';
    end if;
    -- Strangers are left to the policy.
    if new.clinic_id = any (array(select summaries_private.clinic_ids())) then
      perform summaries_private.lock_to_change(new.consultation_id);
      if new.amends is null then
        perform summaries_private.assert_may_choose(new.clinic_id, new.template_config);
        if exists (
          select from public.summaries s
          where s.consultation_id = new.consultation_id and s.ended_at is null
        ) then
          raise exception using errcode = 'PT409', detail = 'already_running',
            message = 'A summary of this consultation is under way: wait for it, or cancel it.';
        end if;
      end if;
      if new.amends is null and not exists (
        select from public.recordings r
        where r.consultation_id = new.consultation_id and r.deleted_at is null
      ) then
        raise exception using errcode = 'PT422', detail = 'no_recordings',
          message = 'The consultation has no recordings: upload one first.';
      end if;
      perform summaries_private.assert_may_ask(new.clinic_id, new.requested_by);
    end if;
  end if;
  new.submitted_by := coalesce(new.submitted_by, 'doctor');
  if new.status = 'queued' and new.amends is null then
    new.waiting_for := summaries_private.waits_for(new.clinic_id);
    new.due_at := case when new.waiting_for = 'budget'
      then summaries_private.next_budget_at(new.clinic_id) else clock_timestamp() end;
  end if;

  if new.amends is not null then
    select * into v_amended from public.summaries
    where id = new.amends and consultation_id = new.consultation_id;
    if v_amended.review_status is distinct from 'approved' or v_amended.superseded_by is not null then
      raise exception using errcode = 'PT409', detail = 'not_approved',
        message = 'Only the newest approved summary of this consultation can be amended.';
    end if;
    if new.clinic_id not in (select summaries_private.clinic_ids(array['doctor', 'nurse', 'admin'])) then
      raise exception using errcode = 'PT403', detail = 'forbidden',
        message = 'Only doctors, nurses and admins amend summaries.';
    end if;
    if exists (select from public.summaries where amends = new.amends and review_status = 'draft') then
      raise exception using errcode = 'PT409', detail = 'amendment_open',
        message = 'This summary is being amended already: go on with that draft.';
    end if;
    new.status := 'completed';
    new.completed_at := clock_timestamp();
    new.ended_at := new.completed_at;
    new.template_config := v_amended.template_config;
    new.submitted_by := v_amended.submitted_by;
    new.sections := v_amended.sections;
    new.summary := v_amended.summary;
    new.model := v_amended.model;
    new.prompt_version := v_amended.prompt_version;
    new.usage := v_amended.usage;
    new.incomplete := v_amended.incomplete;
  end if;
  return new;
end
$$;
comment on function summaries_private.prepare_summary is
  'Fills in what a new summary leaves open, checks what people may ask for, and makes an amendment, '
  'completed at once, from the summary it amends. Runs as the caller: only there current_user tells people '
  'from the worker.';
revoke all on function summaries_private.prepare_summary from public, anon, authenticated, service_role;
create trigger prepare_summary before insert on public.summaries
  for each row execute function summaries_private.prepare_summary();
create trigger refuse_template before insert on public.summaries
  for each row execute function summaries_private.refuse_template();
