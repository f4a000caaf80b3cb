-- What a consultation's page and an inbox show: the newest result.

create view public.current_summaries with (security_invoker = true) as
select
  s.consultation_id,
  s.clinic_id,
  s.id as summary_id,
  s.review_status,
  s.summary,
  s.sections,
  s.version,
  s.amends,
  s.incomplete,
  s.completed_at,
  (
    select a.id from public.summaries a
    where a.consultation_id = s.consultation_id and a.review_status = 'approved'
      and a.superseded_by is null
  ) as approved_id,
  (
    select n.id from public.summaries n
    where n.consultation_id = s.consultation_id and n.ended_at is null
  ) as active_id
from public.summaries s
where s.is_current;
comment on view public.current_summaries is
  'The newest completed summary of each consultation. An inbox: review_status = draft, oldest '
  'completed_at first.';
comment on column public.current_summaries.approved_id is
  'The approved summary that counts, the end of the chain; it may be older.';
comment on column public.current_summaries.active_id is 'The one under way.';
revoke all on public.current_summaries from public, anon, authenticated, service_role;
grant select on public.current_summaries to authenticated, service_role;
