-- The worker's side of a summary.

create table summaries_private.summary_jobs (
  summary_id uuid primary key references public.summaries on delete cascade,
  clinic_id uuid not null,
  run_after timestamptz,
  attempts integer not null default 0,
  fruitless integer not null default 0,
  undecided integer not null default 0,
  released integer not null default 0,
  failing_since timestamptz,
  age interval not null default '0',
  ages_from timestamptz,
  lease_token uuid,
  progressed boolean not null default false,
  draft jsonb,
  recording_changes bigint,
  cleanup boolean not null default false,
  left_over boolean not null default false,
  overwritten jsonb not null default '[]',
  cleanup_after timestamptz,
  ended_at timestamptz,
  failed boolean not null default false
) with (
  -- Claims read the front of the queue: what is dead there must go soon, and most rows are rewritten.
  fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
-- run_after is null unless the summary is queued: these indexes are the queue.
create index summary_jobs_queue on summaries_private.summary_jobs (clinic_id, run_after)
  where run_after is not null;
create index summary_jobs_due on summaries_private.summary_jobs (run_after)
  where run_after is not null;
create index summary_jobs_cleanup on summaries_private.summary_jobs (cleanup_after)
  where cleanup_after is not null;
create index summary_jobs_ended on summaries_private.summary_jobs (ended_at)
  where ended_at is not null;
create index summary_jobs_failed on summaries_private.summary_jobs (ended_at) where failed;
comment on table summaries_private.summary_jobs is
  'The worker''s side of a summary: when, who, how often. Gone two days after its end.';
comment on column summaries_private.summary_jobs.clinic_id is 'Here for the index that is the queue.';
comment on column summaries_private.summary_jobs.run_after is
  'Due from then on, as due_at says; null unless queued.';
comment on column summaries_private.summary_jobs.attempts is 'Claims so far.';
comment on column summaries_private.summary_jobs.fruitless is
  'Attempts in a row that gained nothing, by the job''s own fault.';
comment on column summaries_private.summary_jobs.undecided is
  'Attempts in a row that gained nothing, by a fault that may be the job''s own or everybody''s.';
comment on column summaries_private.summary_jobs.released is
  'How often in a row its isolate went before it gained anything.';
comment on column summaries_private.summary_jobs.failing_since is
  'When the first of the undecided ones failed.';
comment on column summaries_private.summary_jobs.age is
  'How long it was worked on, and waited after errors, until ages_from.';
comment on column summaries_private.summary_jobs.ages_from is
  'Since when it grows older; null while it could not run, whatever it did.';
comment on column summaries_private.summary_jobs.lease_token is
  'Made by the caller of the claim, and kept after the end, so that a call whose answer was lost can be '
  'made again.';
comment on column summaries_private.summary_jobs.progressed is
  'Whether a part or a draft was saved since the claim.';
comment on column summaries_private.summary_jobs.draft is
  'Clinical. A composition that is being repaired or read again, so that a further attempt needn''t pay for it '
  'again; gone when the summary ends.';
comment on column summaries_private.summary_jobs.recording_changes is
  'The consultation''s count at the claim: what came later may not have been seen.';
comment on column summaries_private.summary_jobs.cleanup is 'Whether files may be left at Gemini.';
comment on column summaries_private.summary_jobs.left_over is
  'Whether some of those are an earlier attempt''s, of which the present worker need not know.';
comment on column summaries_private.summary_jobs.overwritten is
  '[{recording_id, object_version}]: versions that were replaced while their files may have been there.';
comment on column summaries_private.summary_jobs.cleanup_after is
  'When those may be deleted; null unless it has ended and left some.';
comment on column summaries_private.summary_jobs.ended_at is 'When it was completed, failed or cancelled.';
comment on column summaries_private.summary_jobs.failed is 'Whether it failed.';
revoke all on summaries_private.summary_jobs from public, anon, authenticated, service_role;
