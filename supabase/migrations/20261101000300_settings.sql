-- What an operator may set.

create table summaries_private.settings (
  only_row boolean primary key default true check (only_row),
  max_in_flight integer not null default 20 check (max_in_flight >= 0),
  max_attempts integer not null default 5 check (max_attempts >= 1),
  user_requests_per_hour integer not null default 60 check (user_requests_per_hour >= 1),
  clinic_requests_per_hour integer not null default 600 check (clinic_requests_per_hour >= 1),
  last_sweep_at timestamptz
);

comment on table summaries_private.settings is 'What an operator sets, in SQL.';
comment on column summaries_private.settings.only_row is 'Always true, so that there is one row.';
comment on column summaries_private.settings.max_in_flight is
  'How many summaries are processed at once, over all clinics; 0 pauses the queue.';
comment on column summaries_private.settings.max_attempts is
  'Claims a summary may use up; attempts that made progress are given back.';
comment on column summaries_private.settings.user_requests_per_hour is
  'Summaries with one user as requested_by, over all clinics.';
comment on column summaries_private.settings.clinic_requests_per_hour is
  'Summaries of one clinic, those that uploads started too.';
comment on column summaries_private.settings.last_sweep_at is
  'When summaries_private.sweep_summaries last ran.';

revoke all on summaries_private.settings from public, anon, authenticated, service_role;

insert into summaries_private.settings default values;
