-- A clinic leaves: invisible at once, deleted in steps.

create function public.delete_clinic(p_clinic uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.clinics set deleted_at = clock_timestamp() where id = p_clinic and deleted_at is null;
  delete from summaries_private.turns where clinic_id = p_clinic;
  -- What waits is not due any more.
  update summaries_private.summary_jobs set run_after = null
  where clinic_id = p_clinic and run_after is not null;
end
$$;
comment on function public.delete_clinic is
  'Service. Nobody sees the clinic any more and nothing of it is claimed, at once; the sweep deletes what it '
  'holds in steps, a worker its files through Storage. Its summary_events stay as long as events are kept.';
revoke all on function public.delete_clinic from public, anon, authenticated, service_role;
grant execute on function public.delete_clinic to service_role;

create function summaries_private.guard_clinic() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_most constant integer := 1000;
begin
  if (select count(*) from (
    select from public.consultations c where c.clinic_id = old.id limit v_most + 1) few) > v_most
  then
    raise exception using errcode = 'PT409', detail = 'clinic_too_large',
      message = format('A clinic of more than %s consultations is deleted in steps: '
        'select public.delete_clinic(''%s'').', v_most, old.id);
  end if;
  return old;
end
$$;
comment on function summaries_private.guard_clinic is
  'One statement that deletes a large clinic would hold its locks for minutes.';
revoke all on function summaries_private.guard_clinic from public, anon, authenticated, service_role;
create trigger guard_clinic before delete on public.clinics
  for each row execute function summaries_private.guard_clinic();

create function summaries_private.files_to_delete() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_clinic uuid;
  v_paths jsonb;
begin
  for v_clinic in select id from public.clinics where deleted_at is not null loop
    select jsonb_agg(f.path) into v_paths
    from (
      select r.object_path as path
      from public.consultations c join public.recordings r on r.consultation_id = c.id
      where c.clinic_id = v_clinic and r.deleted_at is null limit 100
    ) f;
    -- At the end what never became a recording.
    if v_paths is null then
      select jsonb_agg(f.name) into v_paths
      from (
        select o.name from storage.objects o
        where o.bucket_id = 'consultations' and o.name like v_clinic || '/%'
          and summaries_private.is_live(to_jsonb(o)) limit 100
      ) f;
    end if;
    if v_paths is not null then
      return jsonb_build_object('outcome', 'delete_files', 'clinic_id', v_clinic,
        'bucket_id', 'consultations', 'paths', v_paths);
    end if;
  end loop;
  return null;
end
$$;
comment on function summaries_private.files_to_delete is
  'A hundred files in Storage of a clinic that is being deleted; null when there is none.';
revoke all on function summaries_private.files_to_delete from public, anon, authenticated, service_role;

create function summaries_private.delete_some(p_clinic uuid) returns boolean
language plpgsql security definer set search_path = '' set lock_timeout = '200ms' as $$
begin
  delete from public.consultations where id in (
    select c.id from public.consultations c
    where c.clinic_id = p_clinic and not exists (
      select from public.recordings r where r.consultation_id = c.id and r.deleted_at is null)
    limit 50
    for update skip locked);
  if found then
    return false;
  end if;
  delete from public.clinics k where k.id = p_clinic
    and not exists (select from public.consultations c where c.clinic_id = k.id)
    and summaries_private.files_to_delete() is null;
  return true;
end
$$;
comment on function summaries_private.delete_some is
  'Deletes fifty consultations of a clinic that left, those without files in Storage, with all that hangs '
  'on them, and at last the clinic. True when nothing more can be done now.';
revoke all on function summaries_private.delete_some from public, anon, authenticated, service_role;
