-- Who opens a consultation, and with which template.

create function summaries_private.assert_may_choose(p_clinic uuid, p_template jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if p_template is not null
    and p_clinic not in (select summaries_private.clinic_ids(array['doctor', 'nurse', 'admin']))
  then
    raise exception using errcode = 'PT403', detail = 'forbidden',
      message = 'Only doctors, nurses and admins choose a template.';
  end if;
end
$$;
comment on function summaries_private.assert_may_choose is
  'Refuses a template with 403 where the caller''s role may not change one either.';
revoke all on function summaries_private.assert_may_choose from public, anon, authenticated, service_role;
grant execute on function summaries_private.assert_may_choose to authenticated;

create function summaries_private.is_taken(p_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  -- Whoever sends the same twice at once is told the same.
  perform pg_advisory_xact_lock(hashtextextended('consultation ' || p_id, 0));
  return exists (select from public.consultations where id = p_id);
end
$$;
comment on function summaries_private.is_taken is
  'Whether a consultation has this id, whosever it is: the key would tell, too.';
revoke all on function summaries_private.is_taken from public, anon, authenticated, service_role;
grant execute on function summaries_private.is_taken to authenticated;

create function summaries_private.prepare_consultation() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.id := coalesce(new.id, gen_random_uuid());
  if current_user <> 'authenticated' then
    return new;
  end if;
  -- Strangers are left to the policy.
  if new.clinic_id = any (array(select summaries_private.clinic_ids())) then
    perform summaries_private.assert_may_choose(new.clinic_id, new.template_config);
    if summaries_private.is_taken(new.id) then
      raise exception using errcode = 'PT409', detail = 'already_there',
        message = 'There is a consultation with this id already.';
    end if;
  end if;
  return new;
end
$$;
comment on function summaries_private.prepare_consultation is
  'What members may open. Runs as the caller: only there current_user tells people from the service.';
revoke all on function summaries_private.prepare_consultation from public, anon, authenticated, service_role;
create trigger prepare_consultation before insert on public.consultations
  for each row execute function summaries_private.prepare_consultation();

create trigger refuse_template before insert or update of template_config on public.consultations
  for each row execute function summaries_private.refuse_template();
create trigger refuse_template before insert or update of template_config on public.clinics
  for each row execute function summaries_private.refuse_template();
