-- What becomes of memberships: who may end one, and what is written down of it.

create table public.clinic_events (
  id bigint generated always as identity primary key,
  clinic_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  actor uuid,
  event text not null check (
    event in ('invited', 'uninvited', 'joined', 'role', 'enabled', 'disabled', 'removed', 'left', 'settings',
      'template', 'uploaded', 'overwritten', 'file_deleted', 'consultation_deleted', 'clinic_deleted')),
  member uuid,
  detail jsonb not null default '{}'
);
create index on public.clinic_events (clinic_id, at);
create index on public.clinic_events (at);
comment on table public.clinic_events is
  'What happened to a clinic''s members, invitations, settings and files. Append-only: nobody has a grant to '
  'write, triggers do. Ids alone, no e-mail addresses, no text. Outlives what it tells of, and is kept as long '
  'as summary_events.';
comment on column public.clinic_events.actor is 'The user who did it; null for the service.';
comment on column public.clinic_events.event is
  'invited | uninvited, also by accepting and by inviting again | joined | role | enabled | disabled | '
  'removed | left, by themselves | settings, the clinic''s | template, a consultation''s | uploaded | '
  'overwritten | file_deleted | consultation_deleted, with all that belongs to it | clinic_deleted.';
comment on column public.clinic_events.member is 'The user whom it is about; null where it is about none.';
comment on column public.clinic_events.detail is
  '{role}; for a change of role {from, to}; for settings {changed}, their columns'' names; for a consultation '
  '{consultation_id}, for a file {consultation_id, recording_id}.';

alter table public.clinic_events enable row level security;
revoke all on public.clinic_events from public, anon, authenticated, service_role;
grant select on public.clinic_events to authenticated, service_role;
create policy "admins read what happened in their clinics" on public.clinic_events
  for select to authenticated
  using (clinic_id = any (array(select summaries_private.clinic_ids(array['admin']))));

create function summaries_private.record_event(p_clinic uuid, p_event text, p_detail jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.clinic_events (clinic_id, actor, event, detail)
  values (p_clinic, auth.uid(), p_event, p_detail);
end
$$;
comment on function summaries_private.record_event is 'Writes down what the caller did in a clinic.';
revoke all on function summaries_private.record_event from public, anon, authenticated, service_role;

create function summaries_private.record_member() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_row constant public.clinic_members := case when tg_op = 'DELETE' then old else new end;
  v_event text;
begin
  v_event := case
    when tg_op = 'INSERT' then 'joined'
    when tg_op = 'DELETE' then case when old.user_id = auth.uid() then 'left' else 'removed' end
    when new.disabled_at is null and old.disabled_at is not null then 'enabled'
    when new.disabled_at is not null and old.disabled_at is null then 'disabled'
    when new.role <> old.role then 'role' end;
  if v_event is not null then
    insert into public.clinic_events (clinic_id, actor, event, member, detail)
    values (v_row.clinic_id, auth.uid(), v_event, v_row.user_id,
      case v_event when 'role' then jsonb_build_object('from', old.role, 'to', new.role)
        else jsonb_build_object('role', v_row.role) end);
  end if;
  return null;
end
$$;
comment on function summaries_private.record_member is 'Writes down what becomes of a membership.';
revoke all on function summaries_private.record_member from public, anon, authenticated, service_role;
create trigger record_member after insert or update or delete on public.clinic_members
  for each row execute function summaries_private.record_member();

create function summaries_private.guard_last_admin() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and new.role = 'admin' and new.disabled_at is null then
    return new;
  end if;
  -- One after the other, or two would leave each other to stay.
  perform from public.clinics c where c.id = old.clinic_id for no key update;
  if not exists (
    select from public.clinic_members m
    where m.clinic_id = old.clinic_id and m.user_id <> old.user_id
      and m.role = 'admin' and m.disabled_at is null)
  then
    raise exception using errcode = 'PT409', detail = 'last_admin',
      message = 'A clinic keeps one admin: make another member one first.';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
$$;
comment on function summaries_private.guard_last_admin is
  'The last admin stays one, as far as members go; the service may end any membership.';
revoke all on function summaries_private.guard_last_admin from public, anon, authenticated, service_role;
create trigger guard_last_admin before update or delete on public.clinic_members
  for each row when (
    current_user = 'authenticated' and old.role = 'admin' and old.disabled_at is null)
  execute function summaries_private.guard_last_admin();
