-- The function asks for a summary on a user's behalf.

create function public.request_summary(
  p_consultation uuid, p_user uuid, p_template jsonb default null, p_submitted_by text default null,
  p_session jsonb default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_clinic uuid;
  v_template jsonb := nullif(p_template, 'null');
  v_submitted_by text;
  v_role text;
  v_active public.summaries;
  v_wait integer;
  v_require_aal2 boolean;
begin
  if not summaries_private.may_enter(p_user, p_session) then
    return jsonb_build_object('outcome', 'refused', 'code', 'unauthorized', 'retry_after', null);
  end if;
  select c.clinic_id, coalesce(p_submitted_by, nullif(m.role, 'admin'), 'doctor'), m.role, k.require_aal2
  into v_clinic, v_submitted_by, v_role, v_require_aal2
  from public.consultations c
  join public.clinics k on k.id = c.clinic_id
  join public.clinic_members m on m.clinic_id = c.clinic_id
  where c.id = p_consultation and m.user_id = p_user and m.disabled_at is null
    and k.deleted_at is null
  for no key update of c;
  if not found then
    return jsonb_build_object('outcome', 'refused', 'code', 'not_found', 'retry_after', null);
  end if;
  if v_require_aal2 and not summaries_private.has_second_factor(p_session) then
    return jsonb_build_object('outcome', 'refused', 'code', 'second_factor', 'retry_after', null);
  end if;
  if v_template is not null and v_role = 'receptionist' then
    return jsonb_build_object('outcome', 'refused', 'code', 'forbidden', 'retry_after', null);
  end if;

  select s.* into v_active
  from public.summaries s
  where s.consultation_id = p_consultation and s.ended_at is null;
  if found then
    return jsonb_build_object(
      'outcome', 'active', 'summary_id', v_active.id, 'status', v_active.status,
      'same', v_active.template_config is not distinct from v_template
        and (p_submitted_by is null or v_active.submitted_by = p_submitted_by));
  end if;

  if not exists (
    select from public.recordings r
    where r.consultation_id = p_consultation and r.deleted_at is null
  ) then
    return jsonb_build_object('outcome', 'refused', 'code', 'no_recordings', 'retry_after', null);
  end if;
  v_wait := summaries_private.seconds_to_wait(v_clinic, p_user);
  if v_wait is not null then
    return jsonb_build_object('outcome', 'refused', 'code', 'rate_limited', 'retry_after', v_wait);
  end if;

  insert into public.summaries
    (clinic_id, consultation_id, template_config, submitted_by, requested_by)
  values (v_clinic, p_consultation, v_template, v_submitted_by, p_user)
  on conflict (consultation_id) where ended_at is null do nothing
  returning * into v_active;
  if not found then
    -- Somebody inserted one just now: the same call again finds it.
    return public.request_summary(p_consultation, p_user, p_template, p_submitted_by, p_session);
  end if;
  return jsonb_build_object('outcome', 'queued', 'summary_id', v_active.id, 'status', 'queued');
end
$$;
comment on function public.request_summary is
  'Worker, for a user who asks, and whose token claims p_session: {session_id, aal, client_id}. {outcome: '
  'queued, summary_id, status} | {outcome: active, summary_id, status, same} when one is under way; same: it '
  'asks for the same template, and the same submitted_by where one is given | {outcome: refused, code: '
  'unauthorized | not_found | second_factor | forbidden, a receptionist chooses no template | no_recordings | '
  'rate_limited, retry_after: seconds}. Without p_submitted_by: as the user''s role says. Who asks takes its '
  'turn like everybody.';
revoke all on function public.request_summary from public, anon, authenticated, service_role;
grant execute on function public.request_summary to service_role;
