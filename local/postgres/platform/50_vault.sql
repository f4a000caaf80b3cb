-- Vault is there from the start on hosted projects; pg_net and pg_cron come with the migration that
-- creates them.

create schema vault;
create extension supabase_vault;
grant usage on schema vault to postgres, service_role;
grant select, delete on vault.secrets, vault.decrypted_secrets to postgres, service_role;
grant execute on function
  vault.create_secret(text, text, text, uuid),
  vault.update_secret(uuid, text, text, text, uuid)
  to postgres, service_role;
