-- What projects from before explicit grants have, and the CLI's default: whatever postgres creates
-- in public is everybody's, as far as row level security lets them.
alter default privileges for role postgres in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to anon, authenticated, service_role;
