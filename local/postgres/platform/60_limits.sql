-- postgres may put policies and triggers on the tables of Auth, Storage and Realtime, and nothing
-- else into their schemas: hosted projects answer 42501.

create function extensions.guard_platform_schemas() returns event_trigger
language plpgsql set search_path = '' as $$
declare
  command record;
begin
  if current_user <> 'postgres' then
    return;
  end if;
  for command in select * from pg_catalog.pg_event_trigger_ddl_commands() loop
    if command.schema_name in ('auth', 'storage', 'realtime', 'vault')
      and command.command_tag not in (
        'CREATE POLICY', 'ALTER POLICY', 'CREATE TRIGGER', 'GRANT', 'REVOKE'
      )
    then
      raise exception 'permission denied for schema %', command.schema_name
        using errcode = '42501';
    end if;
  end loop;
end
$$;
create event trigger guard_platform_schemas on ddl_command_end
  execute function extensions.guard_platform_schemas();
