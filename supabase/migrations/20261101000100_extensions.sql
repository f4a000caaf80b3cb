-- What hosted projects ship and this needs: HTTP after commit, cron, secrets.

create extension if not exists pg_net with schema extensions;
create extension if not exists pg_cron;
create extension if not exists supabase_vault;
