-- Tables of what happened have a partition a month, made ahead and dropped as a whole.

create function summaries_private.fit_months(p_table regclass, p_kept interval) returns void
language plpgsql security definer
-- Months are those of UTC, whoever asks.
set search_path = '' set timezone = 'UTC' set lock_timeout = '200ms' as $$
declare
  v_table constant text := (select relname from pg_catalog.pg_class where oid = p_table);
  v_oldest constant timestamptz := date_trunc('month', now()) - p_kept;
  v_month timestamptz;
  v_name text;
begin
  for n in 0..3 loop
    v_month := date_trunc('month', now()) + make_interval(months => n);
    v_name := v_table || to_char(v_month, '_YYYY_MM');
    continue when to_regclass('summaries_private.' || v_name) is not null;
    execute format('create table summaries_private.%I '
      '(like %s including defaults including constraints)', v_name, p_table);
    execute format('alter table summaries_private.%I enable row level security', v_name);
    execute format(
      'revoke all on summaries_private.%I from public, anon, authenticated, service_role', v_name);
    -- Attaching locks less than creating it as a partition does, but rows of that month are in its way.
    execute format('with moved as (delete from summaries_private.%I '
      'where at >= %L and at < %L returning *) insert into summaries_private.%I select * from moved',
      v_table || '_default', v_month, v_month + interval '1 month', v_name);
    execute format('alter table %s attach partition summaries_private.%I '
      'for values from (%L) to (%L)', p_table, v_name, v_month, v_month + interval '1 month');
  end loop;

  for v_name in
    select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = p_table and c.relname < v_table || to_char(v_oldest, '_YYYY_MM')
  loop
    execute format('drop table summaries_private.%I', v_name);
  end loop;
  execute format('delete from summaries_private.%I where at < %L', v_table || '_default', v_oldest);
end
$$;
comment on function summaries_private.fit_months is
  'Partitions of a table, by its column at, for this month and the next three; those older than p_kept go.';
revoke all on function summaries_private.fit_months from public, anon, authenticated, service_role;

-- What comes in a month without a partition. A partition has grants and policies of its own; no policy:
-- nobody reads it but through its table.
create table summaries_private.summary_events_default
  partition of public.summary_events default;
revoke all on summaries_private.summary_events_default from public, anon, authenticated, service_role;
alter table summaries_private.summary_events_default enable row level security;
create table summaries_private.model_calls_default
  partition of summaries_private.model_calls default;
revoke all on summaries_private.model_calls_default from public, anon, authenticated, service_role;
alter table summaries_private.model_calls_default enable row level security;

create function summaries_private.fit_partitions() returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_settings summaries_private.settings;
begin
  select * into v_settings from summaries_private.settings;
  perform summaries_private.fit_months('public.summary_events', v_settings.events_kept);
  perform summaries_private.fit_months('summaries_private.model_calls', v_settings.calls_kept);
  delete from public.clinic_events where at < now() - v_settings.events_kept;
end
$$;
comment on function summaries_private.fit_partitions is
  'Partitions of summary_events and model_calls, kept as long as the settings say; and clinic_events.';
revoke all on function summaries_private.fit_partitions from public, anon, authenticated, service_role;
select summaries_private.fit_partitions();
