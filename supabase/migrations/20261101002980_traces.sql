-- What is written down of a clinic's settings, consultations and files: it outlives them.

create function summaries_private.record_settings() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_changed constant jsonb := (
    select jsonb_agg(n.key order by n.key)
    from jsonb_each(to_jsonb(new)) n join jsonb_each(to_jsonb(old)) o on o.key = n.key
    where n.value <> o.value
      and n.key in ('name', 'template_config', 'auto_summarize', 'require_aal2', 'dollars_a_day'));
begin
  if v_changed is not null then
    perform summaries_private.record_event(new.id, 'settings', jsonb_build_object('changed', v_changed));
  end if;
  if old.deleted_at is null and new.deleted_at is not null then
    perform summaries_private.record_event(new.id, 'clinic_deleted', '{}');
  end if;
  return null;
end
$$;
comment on function summaries_private.record_settings is
  'Writes down which settings of a clinic were changed, and that it was deleted.';
revoke all on function summaries_private.record_settings from public, anon, authenticated, service_role;
create trigger record_settings after update on public.clinics
  for each row execute function summaries_private.record_settings();

create function summaries_private.record_consultation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Of a clinic that goes, one event says so.
  if exists (select from public.clinics c where c.id = old.clinic_id and c.deleted_at is null) then
    perform summaries_private.record_event(old.clinic_id,
      case tg_op when 'DELETE' then 'consultation_deleted' else 'template' end,
      jsonb_build_object('consultation_id', old.id));
  end if;
  return null;
end
$$;
comment on function summaries_private.record_consultation is
  'Writes down that a consultation was deleted, or got another template.';
revoke all on function summaries_private.record_consultation from public, anon, authenticated, service_role;
create trigger record_consultation after delete on public.consultations
  for each row execute function summaries_private.record_consultation();
create trigger record_template after update on public.consultations
  for each row when (old.template_config is distinct from new.template_config)
  execute function summaries_private.record_consultation();

create function summaries_private.record_file() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform summaries_private.record_event(new.clinic_id,
    case
      when tg_op = 'INSERT' then 'uploaded'
      when new.deleted_at is not null then 'file_deleted'
      else 'overwritten' end,
    jsonb_build_object('consultation_id', new.consultation_id, 'recording_id', new.id));
  return null;
end
$$;
comment on function summaries_private.record_file is
  'Writes down that a file was uploaded, overwritten or deleted.';
revoke all on function summaries_private.record_file from public, anon, authenticated, service_role;
create trigger record_upload after insert on public.recordings
  for each row execute function summaries_private.record_file();
create trigger record_change after update on public.recordings
  for each row when (
    (old.object_version, old.deleted_at is null) is distinct from (new.object_version, new.deleted_at is null))
  execute function summaries_private.record_file();
