-- Takes the project away for good, with every clinic's data: run it in the SQL editor, as a whole. Files,
-- their bucket and the function go before: docs/existing-project.md. Nothing of yours goes: what would have
-- to go with it is named, and then everything stays.

do $$
declare
  v_relations constant text[] := array[
    'current_summaries', 'clinics', 'clinic_members', 'clinic_invitations', 'clinic_events',
    'consultations', 'recordings', 'extractions', 'summaries', 'summary_recordings', 'summary_revisions', 'summary_events'];
  v_functions constant text[] := array[
    'accept_invitation', 'claim_next', 'cleaned_summary', 'complete_summary', 'delete_clinic', 'fail_summary',
    'heartbeat_summary', 'listen_again', 'queue_health', 'release_summary', 'request_summary',
    'save_draft', 'save_extraction', 'summary_inputs', 'tell_calls', 'withdraw_summary'];
  v_ours oid[];
  v_routines oid[];
  v_lost text;
  v_one record;
begin
  if to_regnamespace('summaries_private') is null then
    raise exception 'There is nothing to take away.';
  end if;
  if exists (select from storage.objects where bucket_id = 'consultations') then
    raise exception 'The bucket consultations holds files: empty it first, in the dashboard.';
  end if;
  if exists (select from cron.job where jobname = 'sweep-summaries') then
    perform cron.unschedule('sweep-summaries');
  end if;
  delete from vault.secrets where name = 'hint_key';
  -- With its trigger: by name only the table's owner, Storage, may drop that.
  drop function summaries_private.object_changed() cascade;
  -- The others need functions that go.
  drop policy "only the service signs addresses of recordings" on storage.objects;

  select array_agg(c.oid) into v_ours from pg_catalog.pg_class c
  where c.relnamespace = 'summaries_private'::regnamespace
    or (c.relnamespace = 'public'::regnamespace and c.relname = any (v_relations));
  select array_agg(p.oid) into v_routines from pg_catalog.pg_proc p
  where p.pronamespace = 'summaries_private'::regnamespace
    or (p.pronamespace = 'public'::regnamespace and p.proname = any (v_functions));

  create temporary table theirs on commit drop as
  select 'pg_class'::regclass as kind, c.oid as id,
    pg_catalog.pg_describe_object('pg_class'::regclass, c.oid, 0) as what
  from pg_catalog.pg_class c
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.oid <> all (v_ours)
  union all
  select 'pg_proc'::regclass, p.oid, pg_catalog.pg_describe_object('pg_proc'::regclass, p.oid, 0)
  from pg_catalog.pg_proc p where p.oid <> all (v_routines)
  union all
  select 'pg_constraint'::regclass, c.oid,
    pg_catalog.pg_describe_object('pg_constraint'::regclass, c.oid, 0)
  from pg_catalog.pg_constraint c where c.conrelid <> all (v_ours)
  union all
  select 'pg_attrdef'::regclass, d.oid, pg_catalog.pg_describe_object('pg_attrdef'::regclass, d.oid, 0)
  from pg_catalog.pg_attrdef d where d.adrelid <> all (v_ours)
  union all
  select 'pg_trigger'::regclass, t.oid, pg_catalog.pg_describe_object('pg_trigger'::regclass, t.oid, 0)
  from pg_catalog.pg_trigger t where not t.tgisinternal and t.tgrelid <> all (v_ours)
  union all
  select 'pg_policy'::regclass, p.oid, pg_catalog.pg_describe_object('pg_policy'::regclass, p.oid, 0)
  from pg_catalog.pg_policy p
  where p.polrelid <> all (v_ours) and not (
    p.polrelid = 'storage.objects'::regclass and p.polname in (
      'members read their clinics'' files', 'members upload into their clinics'' consultations',
      'only the service signs addresses of recordings', 'members take back recordings',
      'files go with their consultation')
    or p.polrelid = 'realtime.messages'::regclass
      and p.polname = 'members listen to their clinics'' topics');

  -- Tables and functions need each other, so only a cascade takes them all.
  for v_one in
    select c.relname, c.relkind from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relname = any (v_relations)
    order by c.relkind = 'v' desc
  loop
    execute format('drop %s if exists public.%I cascade',
      case v_one.relkind when 'v' then 'view' else 'table' end, v_one.relname);
  end loop;
  drop schema summaries_private cascade;
  for v_one in
    select p.oid::regprocedure as called from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname = any (v_functions)
  loop
    execute format('drop function %s cascade', v_one.called);
  end loop;

  select string_agg(t.what, '; ' order by t.what) into v_lost
  from theirs t
  where pg_catalog.pg_describe_object(t.kind, t.id, 0) is null;
  if v_lost is not null then
    raise exception 'These are yours and need it, so nothing was taken away: %', v_lost;
  end if;
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    delete from supabase_migrations.schema_migrations
    where version between '20261101000000' and '20261101005959';
  end if;
end
$$;
