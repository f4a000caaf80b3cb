-- A clinic and its people, for `supabase start`, `supabase db reset` and `deno task start`: each of the
-- four roles, all with the password "password". Never for a hosted project: where anybody has signed up,
-- it does nothing.

do $$
declare
  v_clinic constant uuid := 'c0000000-0000-4000-8000-000000000001';
  v_role text;
  v_id uuid;
begin
  if exists (select from auth.users) then
    raise notice 'There are users already: nothing is seeded.';
    return;
  end if;
  insert into public.clinics (id, name) values (v_clinic, 'Elm Street Clinic');
  foreach v_role in array array['doctor', 'nurse', 'receptionist', 'admin'] loop
    v_id := gen_random_uuid();
    -- Auth reads these tokens as text: null would be an error at sign-in.
    insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
      raw_app_meta_data, raw_user_meta_data, created_at, updated_at,
      confirmation_token, recovery_token, email_change, email_change_token_new)
    values ('00000000-0000-0000-0000-000000000000', v_id, 'authenticated', 'authenticated',
      v_role || '@example.com', extensions.crypt('password', extensions.gen_salt('bf', 6)), now(),
      '{"provider": "email", "providers": ["email"]}', '{}', now(), now(), '', '', '', '');
    insert into auth.identities (provider, provider_id, user_id, identity_data, created_at, updated_at)
    values ('email', v_id, v_id, jsonb_build_object(
      'sub', v_id, 'email', v_role || '@example.com', 'email_verified', true), now(), now());
    insert into public.clinic_members (clinic_id, user_id, role) values (v_clinic, v_id, v_role);
  end loop;
  insert into public.consultations (id, clinic_id, created_by)
  select 'c0000000-0000-4000-8000-000000000002', v_clinic, user_id
  from public.clinic_members where clinic_id = v_clinic and role = 'doctor';
end
$$;
