-- What everything else stands on: extensions, the schema that is not exposed, its settings.

create extension if not exists pg_net with schema extensions;
create extension if not exists pg_cron;
create extension if not exists supabase_vault;

create schema summaries_private;
comment on schema summaries_private is
  'What only the worker, triggers and policies need. Not exposed by the Data API.';
-- Policies and guard triggers run as the caller and name functions of this schema.
grant usage on schema summaries_private to authenticated, service_role;

create table summaries_private.settings (
  only_row boolean primary key default true check (only_row),
  max_in_flight integer not null default 20 check (max_in_flight >= 0),
  max_attempts integer not null default 5 check (max_attempts >= 1),
  user_requests_per_hour integer not null default 60 check (user_requests_per_hour >= 1),
  clinic_requests_per_hour integer not null default 600 check (clinic_requests_per_hour >= 1),
  last_sweep_at timestamptz
);
comment on table summaries_private.settings is 'One row of settings; an operator updates it in SQL.';
comment on column summaries_private.settings.max_in_flight is
  'How many summaries are processed at once, over all clinics; 0 pauses the queue.';
comment on column summaries_private.settings.max_attempts is
  'Claims a summary may use up; attempts that made progress are given back.';
comment on column summaries_private.settings.user_requests_per_hour is
  'Summaries with this user as requested_by, over all clinics.';
comment on column summaries_private.settings.last_sweep_at is 'When summaries_private.sweep_summaries last ran.';
insert into summaries_private.settings default values;

create function summaries_private.as_uuid(p_text text) returns uuid
language sql immutable set search_path = '' as $$
  select case
    when p_text ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then p_text::uuid
  end
$$;
comment on function summaries_private.as_uuid is 'A uuid in its usual lower-case form, or null; never raises.';
revoke all on function summaries_private.as_uuid from public, anon, authenticated, service_role;

create function summaries_private.short_text(p_value jsonb, p_length integer) returns boolean
language sql immutable set search_path = '' as $$
  select jsonb_typeof(p_value) = 'string' and length(btrim(p_value #>> '{}')) between 1 and p_length
$$;
comment on function summaries_private.short_text is 'Whether a JSON value is a string of 1 to p_length characters.';
revoke all on function summaries_private.short_text from public, anon, authenticated, service_role;

create function summaries_private.valid_template(p_template jsonb) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  v_key text;
  v_value jsonb;
begin
  if jsonb_typeof(p_template) <> 'object' then
    return false;
  end if;
  for v_key, v_value in select * from jsonb_each(p_template) loop
    if not coalesce(case v_key
      when 'prescription_format' then v_value in ('"structured"', '"narrative"')
      when 'language' then summaries_private.short_text(v_value, 60)
      when 'tone' then summaries_private.short_text(v_value, 60)
      when 'sections' then case when jsonb_typeof(v_value) = 'array' then
        jsonb_array_length(v_value) between 1 and 20
        and (select bool_and(summaries_private.short_text(s, 60)) from jsonb_array_elements(v_value) s) end
      when 'instructions' then case when jsonb_typeof(v_value) = 'object' then
        (select count(*) <= 20
            and coalesce(bool_and(length(i.key) between 1 and 60 and summaries_private.short_text(i.value, 500)), true)
          from jsonb_each(v_value) i) end
    end, false) then
      return false;
    end if;
  end loop;
  return true;
end
$$;
comment on function summaries_private.valid_template is
  'Whether p_template is a template_config: any of prescription_format (structured | narrative), '
  'language, tone, sections (1 to 20), instructions (text by section); no other keys. '
  'Used by check constraints, which run as whoever writes.';
revoke all on function summaries_private.valid_template from public, anon, authenticated, service_role;
grant execute on function summaries_private.valid_template, summaries_private.short_text to authenticated, service_role;
