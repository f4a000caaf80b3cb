-- A clinic's Realtime topic has another name when a member leaves: who had joined it before, and is
-- asked for their rights only when their token is renewed, hears nothing there any more.

create function summaries_private.move_topic(p_clinic uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_topic text;
begin
  select c.topic into v_topic from public.clinics c where c.id = p_clinic for no key update;
  if not found then
    return;
  end if;
  -- Waits for those who are about to tell something on it: a message after `moved` would reach nobody.
  perform pg_advisory_xact_lock(hashtext('topics'), hashtext(p_clinic::text) & 255);
  -- Never raises; whom it doesn't reach finds out when they join again.
  perform realtime.send('{}', 'moved', v_topic, true);
  update public.clinics set topic = default where id = p_clinic;
end
$$;
comment on function summaries_private.move_topic is
  'For an operator, too, in SQL. Gives the clinic''s topic another name; the last event on the old one is '
  'moved, without anything else, upon which clients read the new name.';
revoke all on function summaries_private.move_topic from public, anon, authenticated, service_role;

create function summaries_private.topic_left() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform summaries_private.move_topic((to_jsonb(old) ->> tg_argv[0])::uuid);
  return null;
end
$$;
comment on function summaries_private.topic_left is
  'Moves the topic of a clinic that somebody left. Its argument: the column that holds the clinic''s id.';
revoke all on function summaries_private.topic_left from public, anon, authenticated, service_role;

-- Who has no second factor is no member any more.
create trigger second_factor_required after update of require_aal2 on public.clinics
  for each row when (new.require_aal2 and not old.require_aal2)
  execute function summaries_private.topic_left('id');

create trigger member_removed after delete on public.clinic_members
  for each row when (old.disabled_at is null)
  execute function summaries_private.topic_left('clinic_id');
create trigger member_disabled after update on public.clinic_members
  for each row when (
    old.disabled_at is null and (
      new.disabled_at is not null
      or (new.clinic_id, new.user_id) is distinct from (old.clinic_id, old.user_id)))
  execute function summaries_private.topic_left('clinic_id');
