-- Clinics and who belongs to them: every other policy asks this membership.

create table public.clinics (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  template_config jsonb check (template_config is null or summaries_private.valid_template(template_config)),
  auto_summarize boolean not null default true,
  require_aal2 boolean not null default false,
  topic text not null default 'clinic:' || gen_random_uuid(),
  dollars_a_day numeric check (dollars_a_day >= 0),
  deleted_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table public.clinics is 'Tenants. Created by the service, with their first admin.';
comment on column public.clinics.template_config is
  'Default template of the clinic''s summaries; its consultations and requests override it.';
comment on column public.clinics.auto_summarize is 'Whether an upload starts a summary by itself.';
comment on column public.clinics.require_aal2 is
  'Whether members are some only while they are signed in with a second factor.';
comment on column public.clinics.topic is
  'The name of its private Realtime topic: another one when a member has left.';
comment on column public.clinics.dollars_a_day is
  'What the model may cost the clinic on a day of UTC, as the service sets it; null: as the project''s '
  'settings say.';
comment on column public.clinics.deleted_at is
  'Set by delete_clinic: nobody sees it any more, and the sweep deletes what it holds.';

create table public.clinic_members (
  clinic_id uuid not null references public.clinics on delete cascade,
  user_id uuid not null references auth.users on delete cascade,
  role text not null check (role in ('doctor', 'nurse', 'receptionist', 'admin')),
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (clinic_id, user_id)
);
create index on public.clinic_members (user_id);
comment on table public.clinic_members is
  'Who works in which clinic, as what. Added by the service, or by accepting an invitation.';
comment on column public.clinic_members.role is 'doctor | nurse | receptionist | admin.';
comment on column public.clinic_members.disabled_at is 'When access ended; the name stays.';

create function summaries_private.clinic_ids(p_roles text[] default null) returns setof uuid
-- plpgsql, because it keeps its plans: this is asked in every statement.
language plpgsql stable security definer set search_path = '' as $$
begin
  if summaries_private.may_enter(auth.uid(), auth.jwt()) then
    return query
      select m.clinic_id
      from public.clinic_members m
      join public.clinics c on c.id = m.clinic_id
      where m.user_id = auth.uid() and m.disabled_at is null and c.deleted_at is null
        and (p_roles is null or m.role = any (p_roles))
        and (not c.require_aal2 or summaries_private.has_second_factor(auth.jwt()));
  end if;
end
$$;
comment on function summaries_private.clinic_ids is
  'The caller''s clinics, or those where they have one of p_roles. Definer, so that policies on '
  'clinic_members can ask it without recursion.';
revoke all on function summaries_private.clinic_ids from public, anon, authenticated, service_role;
grant execute on function summaries_private.clinic_ids to authenticated;

alter table public.clinics enable row level security;
revoke all on public.clinics from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.clinics to service_role;
grant select, update (name, template_config, auto_summarize, require_aal2) on public.clinics to authenticated;

create policy "members read their clinics" on public.clinics
  for select to authenticated using (id = any (array(select summaries_private.clinic_ids())));
create policy "admins change their clinics' settings" on public.clinics
  for update to authenticated
  using (id = any (array(select summaries_private.clinic_ids(array['admin']))))
  with check (
    id = any (array(select summaries_private.clinic_ids(array['admin'])))
    -- Nobody shuts themselves out.
    and (not require_aal2 or summaries_private.has_second_factor((select auth.jwt()))));

alter table public.clinic_members enable row level security;
revoke all on public.clinic_members from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.clinic_members to service_role;
grant select, delete, update (role, disabled_at) on public.clinic_members to authenticated;

create policy "members read their clinics' members" on public.clinic_members
  for select to authenticated using (clinic_id = any (array(select summaries_private.clinic_ids())));
create policy "admins change members' roles" on public.clinic_members
  for update to authenticated
  using (clinic_id = any (array(select summaries_private.clinic_ids(array['admin']))))
  with check (clinic_id = any (array(select summaries_private.clinic_ids(array['admin']))));
create policy "admins remove members, and members themselves" on public.clinic_members
  for delete to authenticated
  using (
    clinic_id = any (array(select summaries_private.clinic_ids(array['admin'])))
    or user_id = (select auth.uid())
      and clinic_id = any (array(select summaries_private.clinic_ids())));
