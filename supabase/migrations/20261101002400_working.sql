-- What a worker calls between its claim and the end.

create function public.heartbeat_summary(
  p_id uuid, p_token uuid, p_stage text, p_lease_seconds integer default 60
) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  if not summaries_private.holds(p_id, p_token) then
    return false;
  end if;
  update summaries_private.summary_jobs
  set lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where summary_id = p_id;
  update public.summaries set stage = p_stage where id = p_id and stage is distinct from p_stage;
  return true;
end
$$;
comment on function public.heartbeat_summary is
  'Worker. Extends the lease and tells the stage; false when the lease is lost or the summary cancelled.';
revoke all on function public.heartbeat_summary from public, anon, authenticated, service_role;
grant execute on function public.heartbeat_summary to service_role;

create function public.summary_inputs(p_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'summary_id', s.id, 'clinic_id', s.clinic_id, 'consultation_id', s.consultation_id,
    'submitted_by', s.submitted_by,
    'templates', jsonb_build_object('clinic', k.template_config,
      'consultation', c.template_config, 'summary', s.template_config),
    'recordings', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'recording_id', r.id, 'bucket_id', r.bucket_id, 'object_path', r.object_path,
        'object_id', r.object_id, 'object_version', r.object_version, 'etag', r.etag, 'kind', r.kind,
        'declared_type', r.declared_type, 'size_bytes', r.size_bytes, 'created_at', r.created_at,
        'excluded', r.excluded,
        'extractions', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'part', e.part, 'from_seconds', e.from_seconds, 'to_seconds', e.to_seconds,
            'is_last', e.is_last, 'segments', e.segments, 'found', e.found, 'model', e.model,
            'prompt_version', e.prompt_version, 'usage', e.usage) order by e.part), '[]')
          from public.extractions e
          where e.recording_id = r.id and e.object_version = r.object_version)
      ) order by r.created_at, r.id), '[]')
      from public.recordings r
      where r.consultation_id = s.consultation_id and r.deleted_at is null)
  )
  from public.summaries s
  join public.consultations c on c.id = s.consultation_id
  join public.clinics k on k.id = s.clinic_id
  where s.id = p_id
$$;
comment on function public.summary_inputs is
  'Worker. What the summary is made of: templates {clinic, consultation, summary}, and the recordings that '
  'are there now with the extractions of their present version, oldest first.';
revoke all on function public.summary_inputs from public, anon, authenticated, service_role;
grant execute on function public.summary_inputs to service_role;

create function public.save_extraction(
  p_id uuid, p_token uuid, p_recording uuid, p_object_version text, p_part jsonb
) returns text language plpgsql security definer set search_path = '' as $$
begin
  if summaries_private.lock_consultation(p_id) is null or not summaries_private.holds(p_id, p_token) then
    return 'lost';
  end if;
  insert into public.extractions (recording_id, object_version, part, clinic_id, from_seconds,
    to_seconds, is_last, segments, found, model, prompt_version, usage)
  select r.id, p_object_version, (p_part ->> 'part')::integer, r.clinic_id,
    (p_part ->> 'from_seconds')::numeric, (p_part ->> 'to_seconds')::numeric,
    (p_part ->> 'is_last')::boolean, p_part -> 'segments', p_part -> 'found', p_part ->> 'model',
    p_part ->> 'prompt_version', p_part -> 'usage'
  from public.summaries s join public.recordings r on r.consultation_id = s.consultation_id
  where s.id = p_id and r.id = p_recording
  on conflict do nothing;
  if not found then
    return 'exists';
  end if;
  update summaries_private.summary_jobs set progressed = true where summary_id = p_id and not progressed;
  return 'saved';
end
$$;
comment on function public.save_extraction is
  'Worker. Keeps a part of a recording: saved | exists (the first writer won) | lost. A new part is '
  'progress. p_part: {part, from_seconds, to_seconds, is_last, segments, found, model, prompt_version, usage}.';
revoke all on function public.save_extraction from public, anon, authenticated, service_role;
grant execute on function public.save_extraction to service_role;
