-- A summary that nobody asked for: an upload is reason enough.

create function summaries_private.ensure_summary(p_consultation uuid, p_user uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.summaries (clinic_id, consultation_id, requested_by, submitted_by)
  select c.clinic_id, c.id, p_user,
    (select m.role from public.clinic_members m
      where m.clinic_id = c.clinic_id and m.user_id = p_user and m.role <> 'admin')
  from public.consultations c
  join public.clinics k on k.id = c.clinic_id
  where c.id = p_consultation and k.auto_summarize and k.deleted_at is null
  on conflict (consultation_id) where ended_at is null do nothing;
end
$$;
comment on function summaries_private.ensure_summary is
  'An active summary exists afterwards, unless the clinic turned that off. The caller has locked the '
  'consultation.';
revoke all on function summaries_private.ensure_summary from public, anon, authenticated, service_role;
