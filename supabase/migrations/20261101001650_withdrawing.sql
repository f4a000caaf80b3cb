-- What must not stand in a record any more: who ended it, when and why stay, the text is shown to nobody.

create table summaries_private.withdrawn_texts (
  summary_id uuid not null references public.summaries on delete cascade,
  version integer not null,
  summary text not null,
  primary key (summary_id, version)
);
comment on table summaries_private.withdrawn_texts is
  'The texts of summaries that were approved and then withdrawn, clinical: what was relied on can be proved, '
  'in SQL.';
revoke all on summaries_private.withdrawn_texts from public, anon, authenticated, service_role;

create function summaries_private.withdraw(p_id uuid, p_by uuid, p_reason text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_approved constant boolean := exists (
    select from public.summaries where id = p_id and review_status = 'approved');
begin
  insert into summaries_private.withdrawn_texts (summary_id, version, summary)
  select r.summary_id, r.version, r.summary
  from public.summary_revisions r where r.summary_id = p_id and v_approved
  union all
  select s.id, s.version, s.summary from public.summaries s where s.id = p_id and v_approved;
  delete from public.summary_revisions where summary_id = p_id;
  update public.summaries set
    review_status = 'withdrawn', summary = '', sections = '[]', version = version + 1,
    withdrawn_by = p_by, withdrawn_at = clock_timestamp(), withdrawn_reason = p_reason
  where id = p_id;
end
$$;
comment on function summaries_private.withdraw is
  'Withdraws a completed summary, whatever its review. The caller has locked the consultation.';
revoke all on function summaries_private.withdraw from public, anon, authenticated, service_role;

create function public.withdraw_summary(p_summary uuid, p_reason text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_summary public.summaries;
  v_id uuid;
begin
  select * into v_summary from public.summaries
  where id = p_summary and clinic_id = any (array(select summaries_private.clinic_ids()));
  if not found then
    raise exception using errcode = 'PT404', detail = 'not_found',
      message = 'There is no such summary for you: check the id.';
  end if;
  if v_summary.clinic_id not in (select summaries_private.clinic_ids(array['admin'])) then
    raise exception using errcode = 'PT403', detail = 'forbidden',
      message = 'Only admins withdraw what was approved.';
  end if;
  if (length(btrim(p_reason, E' \t\n\r')) between 1 and 500) is not true then
    raise exception using errcode = 'PT422', detail = 'invalid_request',
      message = 'Say why it is withdrawn, in 500 characters at most.';
  end if;
  perform summaries_private.lock_to_change(v_summary.consultation_id);
  perform from public.summaries where id = p_summary and review_status = 'approved' for no key update;
  if not found then
    raise exception using errcode = 'PT409', detail = 'not_approved',
      message = 'Only an approved summary is withdrawn: reject a draft.';
  end if;
  -- Its unapproved amendments begin with its text.
  for v_id in
    select id from public.summaries
    where id = p_summary or amends = p_summary and review_status in ('draft', 'rejected')
    order by created_at
  loop
    perform summaries_private.withdraw(v_id, auth.uid(), btrim(p_reason, E' \t\n\r'));
  end loop;
end
$$;
comment on function public.withdraw_summary is
  'For an admin of the clinic: ends an approved summary, and its unapproved amendments, for a reason. Who, '
  'when and why are kept, and shown to members; no text is. 404 not_found, 403 forbidden, 409 not_approved, '
  '422 invalid_request.';
revoke all on function public.withdraw_summary from public, anon, authenticated, service_role;
grant execute on function public.withdraw_summary to authenticated;
