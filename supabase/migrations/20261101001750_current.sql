-- Which summary of a consultation is the newest completed one.

create function summaries_private.step_aside(p_consultation uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.summaries set is_current = false
  where consultation_id = p_consultation and is_current;
end
$$;
comment on function summaries_private.step_aside is
  'The consultation''s newest summary is about to be another one. The caller has locked the consultation.';
revoke all on function summaries_private.step_aside from public, anon, authenticated, service_role;

create function summaries_private.amend_summary() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.consultations c where c.id = new.consultation_id for no key update;
  perform summaries_private.step_aside(new.consultation_id);
  update public.summaries set is_current = true where id = new.id;
  return null;
end
$$;
comment on function summaries_private.amend_summary is 'An amendment is the newest from its insertion on.';
revoke all on function summaries_private.amend_summary from public, anon, authenticated, service_role;
create trigger amend_summary after insert on public.summaries
  for each row when (new.amends is not null) execute function summaries_private.amend_summary();

create function summaries_private.displaces(p_id uuid, p_used jsonb) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return not exists (
    select from public.summaries s
    join public.clinic_members m
      on m.clinic_id = s.clinic_id and m.user_id = s.requested_by and m.role = 'receptionist'
    join public.summaries a
      on a.consultation_id = s.consultation_id and a.is_current
        and (a.review_status = 'approved' or a.amends is not null)
    where s.id = p_id and not exists (
      select from jsonb_to_recordset(p_used) as u (recording_id uuid, object_version text, take integer)
      where not exists (
        select from public.summary_recordings l
        where l.summary_id = a.id and l.recording_id = u.recording_id
          and l.object_version = u.object_version and l.take = u.take))
  );
end
$$;
comment on function summaries_private.displaces is
  'Whether a summary that is completed becomes the current one: not where a receptionist asked for it, the '
  'current one is approved or amends what is, and p_used holds nothing that this one was made without.';
revoke all on function summaries_private.displaces from public, anon, authenticated, service_role;
