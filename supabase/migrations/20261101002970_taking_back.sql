-- A wrong recording is taken back: its file through Storage, its words in the same transaction.

create function summaries_private.is_relied_on(p_recording uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from public.summary_recordings u join public.summaries s on s.id = u.summary_id
    where u.recording_id = p_recording and u.outcome <> 'failed' and s.review_status = 'approved'
  );
end
$$;
comment on function summaries_private.is_relied_on is
  'Whether an approved summary was made from a recording: an admin withdraws that one first.';
revoke all on function summaries_private.is_relied_on from public, anon, authenticated, service_role;

create function summaries_private.may_take_back(p_path text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from public.recordings r
    where r.bucket_id = 'consultations' and r.object_path = p_path and r.deleted_at is null
      and (
        r.clinic_id = any (array(select summaries_private.clinic_ids(array['doctor', 'admin'])))
        or r.clinic_id = any (array(select summaries_private.clinic_ids()))
          and r.created_by = auth.uid() and r.created_at > clock_timestamp() - interval '1 hour'
      )
      and not summaries_private.is_relied_on(r.id)
  );
end
$$;
comment on function summaries_private.may_take_back is
  'Whether the caller may delete the file at this path: who uploaded it within an hour, doctors and admins '
  'always, and nobody while an approved summary rests on it.';
revoke all on function summaries_private.may_take_back from public, anon, authenticated, service_role;
grant execute on function summaries_private.may_take_back to authenticated;

create policy "members take back recordings" on storage.objects
  for delete to authenticated
  using (bucket_id = 'consultations' and summaries_private.may_take_back(name));

create function summaries_private.has_consultation(p_path text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from summaries_private.path_ids(p_path) p
    join public.consultations c on c.id = p.consultation_id and c.clinic_id = p.clinic_id
  )
$$;
comment on function summaries_private.has_consultation is
  'Whether the consultation of a path is there still.';
revoke all on function summaries_private.has_consultation from public, anon, authenticated, service_role;
grant execute on function summaries_private.has_consultation to authenticated;

create policy "files go with their consultation" on storage.objects
  as restrictive for select to authenticated
  using (bucket_id <> 'consultations' or summaries_private.has_consultation(name));

create function summaries_private.erase(p_recording uuid, p_by uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  -- Approved since the policy was asked.
  if summaries_private.is_relied_on(p_recording) then
    raise exception using errcode = 'PT409', detail = 'not_taken_back',
      message = 'An approved summary rests on this recording: an admin withdraws that one first.';
  end if;
  update public.recordings set deleted_by = p_by where id = p_recording;
  delete from public.extractions where recording_id = p_recording;
  for v_id in
    select s.id from public.summary_recordings u join public.summaries s on s.id = u.summary_id
    where u.recording_id = p_recording and u.outcome <> 'failed'
      and s.review_status in ('draft', 'rejected') and s.status = 'completed'
  loop
    perform summaries_private.withdraw(v_id, p_by, 'A recording that it was made from was taken back.');
  end loop;
  update summaries_private.summary_jobs j set draft = null
  from public.summaries s, public.recordings r
  where r.id = p_recording and s.consultation_id = r.consultation_id and s.ended_at is null
    and j.summary_id = s.id;
end
$$;
comment on function summaries_private.erase is
  'A member took a recording back: what was heard in it goes, and the texts that were made from it. The '
  'caller has locked the consultation.';
revoke all on function summaries_private.erase from public, anon, authenticated, service_role;
