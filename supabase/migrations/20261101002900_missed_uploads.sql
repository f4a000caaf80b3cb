-- Changes in Storage that could not be taken, so that none is lost in silence.

create table summaries_private.missed_uploads (
  id bigint generated always as identity primary key,
  bucket_id text not null,
  object_path text not null,
  reason text not null,
  replay boolean not null,
  tries integer not null default 0,
  at timestamptz not null default clock_timestamp()
);
create index on summaries_private.missed_uploads (tries, id) where replay;
comment on table summaries_private.missed_uploads is
  'Changes in Storage that the trigger could not take. Kept for 30 days when they never could be.';
comment on column summaries_private.missed_uploads.reason is
  'malformed_path, unknown_consultation, or the SQLSTATE of what went wrong.';
comment on column summaries_private.missed_uploads.replay is
  'Whether the sweep tries it again; for a day.';
comment on column summaries_private.missed_uploads.tries is 'How often the sweep did.';
revoke all on summaries_private.missed_uploads from public, anon, authenticated, service_role;
