-- What an operator may set.

create table summaries_private.settings (
  only_row boolean primary key default true check (only_row),
  max_in_flight integer not null default 20 check (max_in_flight between 0 and 10000),
  max_attempts integer not null default 5 check (max_attempts >= 1),
  max_age interval not null default '1 day' check (max_age > '0'),
  user_requests_per_hour integer not null default 60 check (user_requests_per_hour >= 1),
  clinic_requests_per_hour integer not null default 600 check (clinic_requests_per_hour >= 1),
  tokens_without_session boolean not null default false,
  oauth_clients text[] not null default '{}',
  events_kept interval not null default '10 years' check (events_kept >= '1 month'),
  calls_kept interval not null default '3 years' check (calls_kept >= '1 month'),
  dollars_a_day numeric check (dollars_a_day >= 0),
  clinic_dollars_a_day numeric check (clinic_dollars_a_day >= 0)
);

comment on table summaries_private.settings is 'What an operator sets, in SQL.';
comment on column summaries_private.settings.only_row is 'Always true, so that there is one row.';
comment on column summaries_private.settings.max_in_flight is
  'How many summaries are processed at once, over all clinics; 0 pauses the queue.';
comment on column summaries_private.settings.max_attempts is
  'Attempts in a row that gained nothing, by the job''s own fault, after which it has failed.';
comment on column summaries_private.settings.max_age is
  'How long a summary is tried. Counts the work and its waits after errors; neither the wait for a slot, '
  'nor what the whole queue was held for.';
comment on column summaries_private.settings.user_requests_per_hour is
  'Summaries with one user as requested_by, over all clinics.';
comment on column summaries_private.settings.clinic_requests_per_hour is
  'Summaries of one clinic, those that uploads started too.';
comment on column summaries_private.settings.tokens_without_session is
  'Whether a user''s token is taken that names no session, as those of third-party auth: nobody can call '
  'it back.';
comment on column summaries_private.settings.oauth_clients is
  'Ids of the OAuth apps whose tokens are taken: what such an app does, it does with its user''s rights.';
comment on column summaries_private.settings.events_kept is
  'How long summary_events are kept, in whole months.';
comment on column summaries_private.settings.calls_kept is
  'How long model_calls are kept, in whole months.';
comment on column summaries_private.settings.dollars_a_day is
  'What the model may cost on a day of UTC, over all clinics; null: no limit.';
comment on column summaries_private.settings.clinic_dollars_a_day is
  'The same for each clinic that has no dollars_a_day of its own.';

revoke all on summaries_private.settings from public, anon, authenticated, service_role;

insert into summaries_private.settings default values;
