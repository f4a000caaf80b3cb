-- A member has a recording listened to again: what was heard before stays, and counts until then.

create function public.listen_again(p_recording uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_user constant uuid := auth.uid();
  v_recording public.recordings;
  v_summary uuid;
begin
  select * into v_recording from public.recordings
  where id = p_recording and deleted_at is null
    and clinic_id = any (array(select summaries_private.clinic_ids()));
  if not found then
    raise exception using errcode = 'PT404', detail = 'not_found',
      message = 'There is no such recording for you: check the id.';
  end if;
  if v_recording.clinic_id not in (
    select summaries_private.clinic_ids(array['doctor', 'nurse', 'admin']))
  then
    raise exception using errcode = 'PT403', detail = 'forbidden',
      message = 'Only doctors, nurses and admins have a recording listened to again.';
  end if;
  perform from public.consultations where id = v_recording.consultation_id for no key update;
  update public.recordings r set take = r.take + 1
  where r.id = p_recording and exists (
    select from summaries_private.heard_takes h
    where h.recording_id = r.id and h.object_version = r.object_version and h.take = r.take)
  returning * into v_recording;
  if not found then
    raise exception using errcode = 'PT409', detail = 'not_listened',
      message = 'This recording has not been heard to its end yet: ask for a summary.';
  end if;
  perform summaries_private.assert_may_ask(v_recording.clinic_id, v_user);
  insert into public.summaries (clinic_id, consultation_id, submitted_by, requested_by)
  select v_recording.clinic_id, v_recording.consultation_id, coalesce(nullif(m.role, 'admin'), ''), v_user
  from public.clinic_members m where m.clinic_id = v_recording.clinic_id and m.user_id = v_user
  on conflict (consultation_id) where ended_at is null do nothing
  returning id into v_summary;
  if not found then
    -- The one that is under way finds the new take, now or when it is about to be completed.
    select id into v_summary from public.summaries
    where consultation_id = v_recording.consultation_id and ended_at is null;
  end if;
  insert into public.summary_events (clinic_id, consultation_id, summary_id, actor, event, detail)
  values (v_recording.clinic_id, v_recording.consultation_id, v_summary, v_user, 'listen',
    jsonb_build_object('recording_id', p_recording, 'take', v_recording.take));
  return v_summary;
end
$$;
comment on function public.listen_again is
  'For a doctor, nurse or admin of the clinic: has a recording listened to again, from its beginning, and '
  'gives the id of the summary that is made of it. What was heard before stays, and counts until the new '
  'take has its last part; older summaries keep their evidence. 404 not_found, 403 forbidden, 409 '
  'not_listened, 429 rate_limited.';
revoke all on function public.listen_again from public, anon, authenticated, service_role;
grant execute on function public.listen_again to authenticated;
