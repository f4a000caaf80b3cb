-- What a member sends must have its form, and be about one summary.

create function summaries_private.assert_form(p_old public.summaries, p_new public.summaries) returns void
language plpgsql set search_path = '' as $$
declare
  v_change constant text := statement_timestamp() || ' ';
  v_last constant text := current_setting('summaries.changed', true);
begin
  if v_last like v_change || '%' and v_last <> v_change || p_new.id then
    raise exception using errcode = 'PT422', detail = 'one_at_a_time',
      message = 'Summaries are changed one at a time: name the id of one.';
  end if;
  perform set_config('summaries.changed', v_change || p_new.id, true);
  -- Before the checks are asked, whose refusals write the row into the log.
  if length(p_new.summary) > 200000 then
    raise exception using errcode = 'PT422', detail = 'text_too_long',
      message = 'A summary''s text has 200,000 characters at most.';
  end if;
  if p_new.status is null or p_new.version is null
    or p_new.summary is null and p_old.summary is not null
    or (p_new.review_status in ('draft', 'approved', 'rejected', p_old.review_status)) is not true
  then
    raise exception using errcode = 'PT422', detail = 'invalid_request',
      message = 'A value has a wrong form: a text, a version, or draft, approved or rejected.';
  end if;
end
$$;
comment on function summaries_private.assert_form is
  'Refuses what a member sends in a wrong form, and a second summary in one statement.';
revoke all on function summaries_private.assert_form from public, anon, authenticated, service_role;
grant execute on function summaries_private.assert_form to authenticated;
