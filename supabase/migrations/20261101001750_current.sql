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
