-- Membership by invitation: an admin names an address, and whoever is signed in with it accepts.

create table public.clinic_invitations (
  clinic_id uuid not null references public.clinics on delete cascade,
  email text not null
    check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
  role text not null check (role in ('doctor', 'nurse', 'receptionist', 'admin')),
  invited_by uuid default auth.uid(),
  ends_at timestamptz not null default now() + interval '7 days',
  primary key (clinic_id, email)
);
create index on public.clinic_invitations (email);
comment on table public.clinic_invitations is
  'Who may become a member. Nothing tells whether somebody has an account. Inviting once more renews it. '
  'The mail is Auth''s or the clinic''s own.';
comment on column public.clinic_invitations.email is 'In lower case; what is inserted is made so.';
comment on column public.clinic_invitations.ends_at is 'After seven days; the row stays until it is renewed.';

create function summaries_private.confirmed_email() returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  -- Not the token's claim, which is as old as the token.
  return case when summaries_private.may_enter(auth.uid(), auth.jwt()) then (
    select lower(u.email) from auth.users u
    where u.id = auth.uid() and u.email_confirmed_at is not null) end;
end
$$;
comment on function summaries_private.confirmed_email is 'The caller''s own address, once Auth confirmed it.';
revoke all on function summaries_private.confirmed_email from public, anon, authenticated, service_role;
grant execute on function summaries_private.confirmed_email to authenticated;

alter table public.clinic_invitations enable row level security;
revoke all on public.clinic_invitations from public, anon, authenticated, service_role;
grant select, insert, delete on public.clinic_invitations to service_role;
grant select, delete, insert (clinic_id, email, role) on public.clinic_invitations to authenticated;

create policy "admins read invitations, and who is invited their own" on public.clinic_invitations
  for select to authenticated using (
    clinic_id = any (array(select summaries_private.clinic_ids(array['admin'])))
    or email = (select summaries_private.confirmed_email()));
create policy "admins invite" on public.clinic_invitations
  for insert to authenticated
  with check (clinic_id = any (array(select summaries_private.clinic_ids(array['admin']))));
create policy "admins take invitations back" on public.clinic_invitations
  for delete to authenticated
  using (clinic_id = any (array(select summaries_private.clinic_ids(array['admin']))));

create function summaries_private.renew_invitation() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.email := lower(trim(new.email));
  delete from public.clinic_invitations i where i.clinic_id = new.clinic_id and i.email = new.email;
  return new;
end
$$;
comment on function summaries_private.renew_invitation is
  'An invitation takes the place of an earlier one, with the rights of whoever inserts it.';
revoke all on function summaries_private.renew_invitation from public, anon, authenticated, service_role;
create trigger renew_invitation before insert on public.clinic_invitations
  for each row execute function summaries_private.renew_invitation();

create function summaries_private.record_invitation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform summaries_private.record_event(coalesce(new.clinic_id, old.clinic_id),
    case tg_op when 'INSERT' then 'invited' else 'uninvited' end,
    jsonb_build_object('role', coalesce(new.role, old.role)));
  return null;
end
$$;
comment on function summaries_private.record_invitation is 'Writes down that somebody was invited, or not any more.';
revoke all on function summaries_private.record_invitation from public, anon, authenticated, service_role;
create trigger record_invitation after insert or delete on public.clinic_invitations
  for each row execute function summaries_private.record_invitation();

create function public.accept_invitation(p_clinic uuid) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_role text;
begin
  delete from public.clinic_invitations i
  using public.clinics c
  where i.clinic_id = p_clinic and c.id = i.clinic_id and c.deleted_at is null
    and i.email = summaries_private.confirmed_email() and i.ends_at > clock_timestamp()
  returning i.role into v_role;
  if not found then
    raise exception using errcode = 'PT404', detail = 'not_invited',
      message = 'There is no invitation for your address, or it has ended: ask for another one.';
  end if;
  -- Who is a member already keeps their role; who was one becomes one again.
  insert into public.clinic_members as m (clinic_id, user_id, role)
  values (p_clinic, auth.uid(), v_role)
  on conflict (clinic_id, user_id) do update set role = excluded.role, disabled_at = null
  where m.disabled_at is not null;
  return v_role;
end
$$;
comment on function public.accept_invitation is
  'For who is signed in with the address that was invited, once Auth has confirmed it: makes them a member, '
  'and gives the role that the invitation was for. PT404 not_invited.';
revoke all on function public.accept_invitation from public, anon, authenticated, service_role;
grant execute on function public.accept_invitation to authenticated;
