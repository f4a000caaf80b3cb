-- The key that secrets are encrypted with. On hosted projects it is outside the database.
create table vault.root_key (key bytea not null);
insert into vault.root_key values (extensions.gen_random_bytes(32));

create table vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea default extensions.gen_random_bytes(16),
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create unique index secrets_name_idx on vault.secrets (name) where name is not null;

create view vault.decrypted_secrets as
  select
    id, name, description, secret,
    convert_from(
      extensions.decrypt_iv(
        decode(secret, 'base64'), (select key from vault.root_key), nonce, 'aes'
      ),
      'utf8'
    ) as decrypted_secret,
    key_id, nonce, created_at, updated_at
  from vault.secrets;

create function vault.encrypt(value text, nonce bytea) returns text language sql as $$
  select encode(
    extensions.encrypt_iv(
      convert_to(value, 'utf8'), (select key from vault.root_key), nonce, 'aes'
    ),
    'base64'
  )
$$;

create function vault.create_secret(
  new_secret text, new_name text default null, new_description text default '',
  new_key_id uuid default null
) returns uuid language plpgsql security definer set search_path = '' as $$
declare
  new_nonce bytea := extensions.gen_random_bytes(16);
  new_id uuid;
begin
  insert into vault.secrets (secret, name, description, key_id, nonce)
  values (vault.encrypt(new_secret, new_nonce), new_name, new_description, new_key_id, new_nonce)
  returning id into new_id;
  return new_id;
end
$$;

-- What is null stays as it is.
create function vault.update_secret(
  secret_id uuid, new_secret text default null, new_name text default null,
  new_description text default null, new_key_id uuid default null
) returns void language sql security definer set search_path = '' as $$
  update vault.secrets set
    secret = coalesce(vault.encrypt(new_secret, nonce), secret),
    name = coalesce(new_name, name),
    description = coalesce(new_description, description),
    key_id = coalesce(new_key_id, key_id),
    updated_at = now()
  where id = secret_id
$$;

revoke all on all functions in schema vault from public;
