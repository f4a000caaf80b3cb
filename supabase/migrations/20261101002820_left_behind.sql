-- What a deleted consultation leaves outside the database: names that its own rows can't hold any more.

create table summaries_private.left_behind (
  summary_id uuid primary key,
  files jsonb not null,
  cleanup_after timestamptz not null
);
comment on table summaries_private.left_behind is
  'Files that summaries of deleted consultations may have left at Gemini.';
comment on column summaries_private.left_behind.files is '[{recording_id, object_version}].';
comment on column summaries_private.left_behind.cleanup_after is 'When they may be deleted.';
revoke all on summaries_private.left_behind from public, anon, authenticated, service_role;

create table summaries_private.orphans (
  object_path text primary key,
  at timestamptz not null default clock_timestamp()
);
comment on table summaries_private.orphans is
  'Files in the bucket whose consultation was deleted. Nobody but the service reads them.';
revoke all on summaries_private.orphans from public, anon, authenticated, service_role;

create function summaries_private.leave_names() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into summaries_private.left_behind (summary_id, files, cleanup_after)
  select s.id, summaries_private.files_of(s.id),
    -- Its worker may still be uploading, until it hears of it.
    coalesce(x.lease_expires_at, clock_timestamp())
  from public.summaries s
  join summaries_private.summary_jobs j on j.summary_id = s.id
  left join summaries_private.slots x on x.summary_id = s.id
  where s.consultation_id = old.id and j.cleanup
  on conflict do nothing;
  insert into summaries_private.orphans (object_path)
  select object_path from public.recordings where consultation_id = old.id and deleted_at is null
  on conflict do nothing;
  return old;
end
$$;
comment on function summaries_private.leave_names is
  'Keeps what is needed to delete a consultation''s files at Gemini, and to see those in the bucket.';
revoke all on function summaries_private.leave_names from public, anon, authenticated, service_role;
create trigger leave_names before delete on public.consultations
  for each row execute function summaries_private.leave_names();

create function summaries_private.claim_left_behind() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_left summaries_private.left_behind;
begin
  select * into v_left from summaries_private.left_behind where cleanup_after <= v_now
  order by cleanup_after limit 1 for no key update skip locked;
  -- Unless they are deleted by then, somebody tries again.
  update summaries_private.left_behind set cleanup_after = v_now + interval '5 minutes'
  where summary_id = v_left.summary_id;
  return case when v_left.summary_id is not null then jsonb_build_object('outcome', 'cleanup',
    'summary_id', v_left.summary_id, 'files', v_left.files) end;
end
$$;
comment on function summaries_private.claim_left_behind is
  'As claim_next answers it, what a deleted consultation left at Gemini; null when there is nothing.';
revoke all on function summaries_private.claim_left_behind from public, anon, authenticated, service_role;
