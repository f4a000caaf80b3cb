-- What an operator reads.

create view summaries_private.queue as
select s.status, case
    when s.status = 'queued' then 'waits for ' || coalesce(b.reason, s.waiting_for, 'a worker')
    when x.lease_expires_at <= clock_timestamp() then 'lease ran out'
    else s.stage
  end as state, s.error_code, count(*) as summaries, min(coalesce(j.run_after, s.started_at)) as oldest,
  max(j.attempts) as most_attempts
from public.summaries s
join summaries_private.summary_jobs j on j.summary_id = s.id
left join summaries_private.slots x on x.summary_id = s.id
cross join summaries_private.breaker b
where s.ended_at is null
group by 1, 2, 3
union all
select 'held', b.reason || ' until ' || to_char(b.paused_until at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"'),
  null, 0, b.failed_at, b.probes
from summaries_private.breaker b where b.reason is not null
union all
select 'failed', 'last day', s.error_code, count(*), min(j.ended_at), max(j.attempts)
from summaries_private.summary_jobs j
join public.summaries s on s.id = j.summary_id
-- now() is stable, so that it can be looked up in an index.
where j.failed and j.ended_at > now() - interval '1 day'
group by s.error_code
union all
select 'missed upload', case when m.replay then 'replayed' else 'given up' end, m.reason, count(*),
  min(m.at), max(m.tries)
from summaries_private.missed_uploads m
group by m.replay, m.reason
union all
select 'orphan', 'to be deleted in Storage', null, count(*), min(o.at), null
from summaries_private.orphans o
having count(*) > 0;
comment on view summaries_private.queue is
  'For an operator, in SQL: what waits, for what, and what is worked on; whether the queue is held; failures '
  'of the last day by code; uploads that were missed; files whose '
  'consultation was deleted.';
comment on column summaries_private.queue.status is
  'queued | processing | held | failed | missed upload | orphan.';
comment on column summaries_private.queue.state is
  'What it waits for, the stage of the work, why the queue is held and until when the next probe, or what '
  'becomes of a missed upload.';
comment on column summaries_private.queue.summaries is 'How many; of missed uploads, too.';
comment on column summaries_private.queue.oldest is
  'The first of them: due, claimed, failed or missed at; when a call failed last.';
comment on column summaries_private.queue.most_attempts is
  'Attempts of the one with the most of them; failed probes.';
revoke all on summaries_private.queue from public, anon, authenticated, service_role;

create function public.queue_health() returns jsonb
language plpgsql stable security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  v_now constant timestamptz := clock_timestamp();
begin
  return jsonb_build_object(
    'queued', (select count(*) from summaries_private.summary_jobs where run_after is not null),
    'processing', summaries_private.processing(),
    'oldest_due_seconds', (
      select floor(extract(epoch from v_now - min(run_after)))::integer
      from summaries_private.summary_jobs where run_after <= v_now),
    'held_by', (select reason from summaries_private.breaker),
    'paused_until', (select paused_until from summaries_private.breaker),
    'dollars_a_day', summaries_private.budget_of(null),
    'dollars_spent', summaries_private.dollars_today(null, false),
    'dollars_reserved',
      summaries_private.dollars_today(null, true) - summaries_private.dollars_today(null, false),
    'last_sweep_at', (select last_at from summaries_private.sweeps),
    'upload_trigger', summaries_private.watches_uploads(),
    'failed_last_hour', (
      select count(*) from summaries_private.summary_jobs
      where failed and ended_at > now() - interval '1 hour'));
end
$$;
comment on function public.queue_health is
  'Service. {queued, processing, oldest_due_seconds, held_by, paused_until, dollars_a_day, dollars_spent, '
  'dollars_reserved, last_sweep_at, upload_trigger, failed_last_hour}; held_by: provider | account, why nothing is claimed, and the next probe is at '
  'paused_until; dollars: the project''s budget of today, null without one; upload_trigger: whether uploads are noticed.';
revoke all on function public.queue_health from public, anon, authenticated, service_role;
grant execute on function public.queue_health to service_role;
