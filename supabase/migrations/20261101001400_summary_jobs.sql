-- The worker's side of a summary.

create table summaries_private.summary_jobs (
  summary_id uuid primary key references public.summaries on delete cascade,
  clinic_id uuid not null,
  run_after timestamptz,
  attempts integer not null default 0,
  lease_token uuid,
  lease_expires_at timestamptz,
  progressed boolean not null default false,
  recording_changes bigint,
  cleanup boolean not null default false,
  left_over boolean not null default false,
  overwritten jsonb not null default '[]',
  cleanup_token uuid,
  cleanup_expires_at timestamptz
);
-- run_after is null unless the summary is queued: this index is the queue. None on the lease's expiry,
-- so that a heartbeat is a HOT update.
create index summary_jobs_queue on summaries_private.summary_jobs (clinic_id, run_after)
  where run_after is not null;
create index summary_jobs_cleanup on summaries_private.summary_jobs (summary_id) where cleanup;
comment on table summaries_private.summary_jobs is
  'The worker''s side of a summary: when, who, how often.';
comment on column summaries_private.summary_jobs.clinic_id is 'Here for the index that is the queue.';
comment on column summaries_private.summary_jobs.run_after is 'Due from then on; null unless queued.';
comment on column summaries_private.summary_jobs.attempts is
  'Claims so far, without those that made progress and ended.';
comment on column summaries_private.summary_jobs.lease_token is
  'Made by the caller of the claim, and kept after the end, so that a call whose answer was lost can be '
  'made again.';
comment on column summaries_private.summary_jobs.lease_expires_at is
  'Moved on by each heartbeat; afterwards another worker may take the summary.';
comment on column summaries_private.summary_jobs.progressed is
  'Whether a part was saved since the claim.';
comment on column summaries_private.summary_jobs.recording_changes is
  'The consultation''s count at the claim: what came later may not have been seen.';
comment on column summaries_private.summary_jobs.cleanup is 'Whether files may be left at Gemini.';
comment on column summaries_private.summary_jobs.left_over is
  'Whether some of those are an earlier attempt''s, of which the present worker need not know.';
comment on column summaries_private.summary_jobs.overwritten is
  '[{recording_id, object_version}]: versions that were replaced while their files may have been there.';
comment on column summaries_private.summary_jobs.cleanup_token is
  'Who deletes them, until cleanup_expires_at.';
revoke all on summaries_private.summary_jobs from public, anon, authenticated, service_role;
