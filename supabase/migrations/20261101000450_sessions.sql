-- Whose token is taken: a session's that lives. A token by itself holds until it expires.

create function summaries_private.as_uuid(p_text text) returns uuid
language sql immutable set search_path = '' as $$
  select case
    when p_text ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then p_text::uuid
  end
$$;
comment on function summaries_private.as_uuid is
  'A uuid in its usual lower-case form, or null; never raises.';
revoke all on function summaries_private.as_uuid from public, anon, authenticated, service_role;

create function summaries_private.may_enter(p_user uuid, p_claims jsonb) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  -- Anonymous sign-ins carry the role authenticated too.
  if p_user is null or (p_claims ->> 'is_anonymous') = 'true' then
    return false;
  end if;
  if p_claims ->> 'client_id' is not null and not exists (
    select from summaries_private.settings s where p_claims ->> 'client_id' = any (s.oauth_clients))
  then
    return false;
  end if;
  if p_claims ->> 'session_id' is null then
    return (select s.tokens_without_session from summaries_private.settings s);
  end if;
  return exists (
    select from auth.sessions s
    where s.id = summaries_private.as_uuid(p_claims ->> 'session_id') and s.user_id = p_user
      and (s.not_after is null or s.not_after > clock_timestamp()));
end
$$;
comment on function summaries_private.may_enter is
  'Whether what a user''s token claims is still so: its session is there, which signing out ends. Not of an '
  'OAuth app that the settings don''t name.';
revoke all on function summaries_private.may_enter from public, anon, authenticated, service_role;

create function summaries_private.has_second_factor(p_claims jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select coalesce(p_claims ->> 'aal', '') in ('aal2', 'aal3')
$$;
comment on function summaries_private.has_second_factor is
  'Whether a token was made by signing in with a second factor.';
revoke all on function summaries_private.has_second_factor from public, anon, authenticated, service_role;
grant execute on function summaries_private.has_second_factor to authenticated;
