-- A consultation: what recordings and summaries belong to.

create table public.consultations (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null references public.clinics on delete cascade,
  created_by uuid default auth.uid(),
  template_config jsonb check (template_config is null or summaries_private.valid_template(template_config)),
  recording_changes bigint not null default 0,
  created_at timestamptz not null default now(),
  unique (id, clinic_id)
);
create index on public.consultations (clinic_id, created_at);
comment on table public.consultations is
  'One visit. Holds nothing about the patient: an application keeps that in its own tables.';
comment on column public.consultations.created_by is 'A user''s id; kept when the user is gone.';
comment on column public.consultations.template_config is
  'Overrides the clinic''s template, key by key.';
comment on column public.consultations.recording_changes is
  'Counts uploads, overwrites and deletions, so that a worker that failed can tell whether something '
  'came after its claim.';

alter table public.consultations enable row level security;
revoke all on public.consultations from public, anon, authenticated, service_role;
grant select, delete, insert (id, clinic_id, created_by, template_config), update (template_config)
  on public.consultations to service_role;
grant select, insert (id, clinic_id, template_config), update (template_config)
  on public.consultations to authenticated;

create policy "members read their clinics' consultations" on public.consultations
  for select to authenticated using (clinic_id = any (array(select summaries_private.clinic_ids())));
create policy "members open consultations" on public.consultations
  for insert to authenticated with check (clinic_id = any (array(select summaries_private.clinic_ids())));
create policy "doctors, nurses and admins choose a consultation's template" on public.consultations
  for update to authenticated
  using (
    clinic_id = any (array(select summaries_private.clinic_ids(array['doctor', 'nurse', 'admin']))))
  with check (
    clinic_id = any (array(select summaries_private.clinic_ids(array['doctor', 'nurse', 'admin']))));
