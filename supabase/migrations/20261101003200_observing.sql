-- What an operator reads.

create view summaries_private.queue as
select s.status, case
    when s.status = 'queued' and j.run_after > clock_timestamp() then 'waits after an error'
    when s.status = 'queued' then 'due'
    when s.status = 'processing' and j.lease_expires_at <= clock_timestamp() then 'lease ran out'
    when s.status = 'processing' then s.stage
  end as state, s.error_code, count(*) as summaries, min(coalesce(j.run_after, s.started_at)) as oldest,
  max(j.attempts) as most_attempts
from public.summaries s
join summaries_private.summary_jobs j on j.summary_id = s.id
where s.status in ('queued', 'processing')
group by 1, 2, 3
union all
select 'failed', 'last day', s.error_code, count(*), min(s.updated_at), max(j.attempts)
from public.summaries s
join summaries_private.summary_jobs j on j.summary_id = s.id
-- now() is stable, so that it can be looked up in an index.
where s.status = 'failed' and s.updated_at > now() - interval '1 day'
group by s.error_code
union all
select 'missed upload', case when m.replay then 'replayed' else 'given up' end, m.reason, count(*),
  min(m.at), max(m.tries)
from summaries_private.missed_uploads m
group by m.replay, m.reason;
comment on view summaries_private.queue is
  'For an operator, in SQL: what waits and what is worked on, failures of the last day by code, uploads '
  'that were missed.';
comment on column summaries_private.queue.status is
  'queued | processing | failed | missed upload.';
comment on column summaries_private.queue.state is
  'What it waits for, the stage of the work, or what becomes of a missed upload.';
comment on column summaries_private.queue.summaries is 'How many; of missed uploads, too.';
comment on column summaries_private.queue.oldest is
  'The first of them: due, claimed, failed or missed at.';
comment on column summaries_private.queue.most_attempts is
  'Attempts of the one with the most of them.';
revoke all on summaries_private.queue from public, anon, authenticated, service_role;

create function public.queue_health() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'queued', (select count(*) from summaries_private.summary_jobs where run_after is not null),
    'processing', summaries_private.processing(),
    'oldest_due_seconds', (
      select floor(extract(epoch from clock_timestamp() - min(run_after)))::integer
      from summaries_private.summary_jobs where run_after <= clock_timestamp()),
    'last_sweep_at', (select last_sweep_at from summaries_private.settings),
    'upload_trigger', summaries_private.watches_uploads(),
    'failed_last_hour', (
      select count(*) from public.summaries
      where status = 'failed' and updated_at > now() - interval '1 hour'))
$$;
comment on function public.queue_health is
  'Service. {queued, processing, oldest_due_seconds, last_sweep_at, upload_trigger, failed_last_hour}; '
  'upload_trigger: whether uploads are noticed.';
revoke all on function public.queue_health from public, anon, authenticated, service_role;
grant execute on function public.queue_health to service_role;
