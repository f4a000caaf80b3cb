-- The schema that the Data API does not expose, under a name that no project has yet.

create schema summaries_private;
comment on schema summaries_private is
  'What only the worker, triggers and policies need. Not exposed by the Data API.';
-- Policies and guard triggers run as the caller and name functions of this schema.
grant usage on schema summaries_private to authenticated, service_role;
