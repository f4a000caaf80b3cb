-- What a summary was before: the text before each edit, and the log of its changes.

create table public.summary_revisions (
  summary_id uuid not null,
  version integer not null,
  clinic_id uuid not null,
  summary text not null,
  edited_by uuid,
  edited_at timestamptz not null default clock_timestamp(),
  primary key (summary_id, version),
  foreign key (summary_id, clinic_id) references public.summaries (id, clinic_id) on delete cascade
);
create index on public.summary_revisions (summary_id, clinic_id);
comment on table public.summary_revisions is
  'The text before each edit, clinical. Nobody has a grant to write, a trigger does.';
comment on column public.summary_revisions.version is 'Version that had this text.';
comment on column public.summary_revisions.edited_by is 'Who replaced it, at edited_at.';

alter table public.summary_revisions enable row level security;
revoke all on public.summary_revisions from public, anon, authenticated, service_role;
grant select on public.summary_revisions to authenticated, service_role;

create policy "members read earlier texts" on public.summary_revisions
  for select to authenticated using (clinic_id = any (array(select summaries_private.clinic_ids())));

create table public.summary_events (
  id bigint generated always as identity,
  clinic_id uuid not null,
  consultation_id uuid not null,
  summary_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  actor uuid,
  event text not null check (event in ('status', 'stage', 'edit', 'review')),
  detail jsonb not null,
  primary key (id, at)
) partition by range (at);
create index on public.summary_events (summary_id, at);
comment on table public.summary_events is
  'What happened to a summary, in order. Append-only: nobody has a grant to write, a trigger does. '
  'Nothing clinical. Outlives what it tells of: its ids are no foreign keys. A partition a month.';
comment on column public.summary_events.event is 'status | stage | edit | review.';
comment on column public.summary_events.actor is 'The user who did it; null for worker and sweep.';
comment on column public.summary_events.detail is
  '{from, to}; for a status also attempt, and code where there is an error; for an amendment amends.';

alter table public.summary_events enable row level security;
revoke all on public.summary_events from public, anon, authenticated, service_role;
grant select on public.summary_events to authenticated, service_role;

create policy "members read what happened to their clinics' summaries" on public.summary_events
  for select to authenticated
  using (clinic_id = any (array(select summaries_private.clinic_ids())));

-- What comes in a month without a partition.
create table summaries_private.summary_events_default
  partition of public.summary_events default;
-- A partition has grants and policies of its own. No policy: nobody reads it but through its table.
revoke all on summaries_private.summary_events_default from public, anon, authenticated, service_role;
alter table summaries_private.summary_events_default enable row level security;

create function summaries_private.fit_event_partitions() returns void
language plpgsql security definer
-- Months are those of UTC, whoever asks.
set search_path = '' set timezone = 'UTC' set lock_timeout = '200ms' as $$
declare
  v_kept constant interval := (select events_kept from summaries_private.settings);
  v_month timestamptz;
  v_name text;
begin
  for n in 0..3 loop
    v_month := date_trunc('month', now()) + make_interval(months => n);
    v_name := 'summary_events_' || to_char(v_month, 'YYYY_MM');
    continue when to_regclass('summaries_private.' || v_name) is not null;
    execute format('create table summaries_private.%I '
      '(like public.summary_events including defaults including constraints)', v_name);
    execute format('alter table summaries_private.%I enable row level security', v_name);
    execute format(
      'revoke all on summaries_private.%I from public, anon, authenticated, service_role', v_name);
    -- Attaching locks less than creating it as a partition does, but rows of that month are in its way.
    execute format('with moved as (delete from summaries_private.summary_events_default '
      'where at >= %2$L and at < %3$L returning *) insert into summaries_private.%1$I select * from moved',
      v_name, v_month, v_month + interval '1 month');
    execute format('alter table public.summary_events attach partition summaries_private.%I '
      'for values from (%L) to (%L)', v_name, v_month, v_month + interval '1 month');
  end loop;

  for v_name in
    select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'public.summary_events'::regclass
      and c.relname < 'summary_events_' || to_char(
        date_trunc('month', now()) - v_kept, 'YYYY_MM')
  loop
    execute format('drop table summaries_private.%I', v_name);
  end loop;
  delete from summaries_private.summary_events_default
  where at < date_trunc('month', now()) - v_kept;
end
$$;
comment on function summaries_private.fit_event_partitions is
  'Partitions of summary_events for this month and the next three; those older than events_kept go.';
revoke all on function summaries_private.fit_event_partitions
  from public, anon, authenticated, service_role;
select summaries_private.fit_event_partitions();
