-- What is approved of a consultation is one chain with one end.

create function summaries_private.lock_to_change(p_consultation uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.consultations where id = p_consultation for no key update;
  return found;
end
$$;
comment on function summaries_private.lock_to_change is
  'Locks a consultation of the caller''s, for a policy or trigger that has asked whose it is. Definer: a '
  'receptionist may cancel, but not change a consultation.';
revoke all on function summaries_private.lock_to_change from public, anon, authenticated, service_role;
grant execute on function summaries_private.lock_to_change to authenticated;

-- Who may change what of it, guard_summary decides. A trigger would have the summary locked already: the
-- policy is asked before, and so the consultation is locked first, as everywhere.
create policy "members cancel and review their clinics' summaries" on public.summaries
  for update to authenticated
  using (
    case when clinic_id = any (array(select summaries_private.clinic_ids()))
      then summaries_private.lock_to_change(consultation_id) else false end)
  with check (clinic_id = any (array(select summaries_private.clinic_ids())));

create function summaries_private.follow_end(p_id uuid) returns public.summaries
language plpgsql security definer set search_path = '' as $$
declare
  v_new public.summaries;
  v_end public.summaries;
begin
  select * into strict v_new from public.summaries
  where id = p_id and clinic_id = any (array(
    select summaries_private.clinic_ids(array['doctor', 'nurse', 'admin'])));
  -- A correction need not wait for what the next summary will say.
  if v_new.amends is null and exists (
    select from public.summaries s
    where s.consultation_id = v_new.consultation_id and s.ended_at is null
  ) and summaries_private.unseen(v_new.consultation_id, (
    select jsonb_agg(jsonb_build_object(
      'recording_id', u.recording_id, 'object_version', u.object_version, 'take', u.take))
    from public.summary_recordings u where u.summary_id = v_new.id))
  then
    raise exception using errcode = 'PT409', detail = 'newer_underway',
      message = 'A newer recording is being worked on: wait for its summary, or cancel that one.';
  end if;
  select * into v_end from public.summaries
  where consultation_id = v_new.consultation_id and review_status = 'approved' and superseded_by is null;
  if v_new.amends is distinct from v_end.id and v_new.amends is not null then
    raise exception using errcode = 'PT409', detail = 'superseded',
      message = 'Another summary followed the one that this amends: amend the newest approved one.';
  end if;
  if v_new.amends is null and v_new.completed_at <= v_end.completed_at then
    raise exception using errcode = 'PT409', detail = 'superseded',
      message = 'A newer summary of this consultation is approved: amend that one, or ask for another.';
  end if;
  update public.summaries set superseded_by = v_new.id, is_current = false where id = v_end.id;
  return v_end;
end
$$;
comment on function summaries_private.follow_end is
  'A summary is about to be approved: refuses what the consultation''s chain has no place for, else makes it '
  'the successor of the chain''s end, and gives that end as it was. The caller has locked the consultation.';
revoke all on function summaries_private.follow_end from public, anon, authenticated, service_role;
grant execute on function summaries_private.follow_end to authenticated;
