-- What a template_config may hold, checked by every table that has one.

create function summaries_private.short_text(p_value jsonb, p_length integer) returns boolean
language sql immutable set search_path = '' as $$
  select jsonb_typeof(p_value) = 'string' and length(btrim(p_value #>> '{}')) between 1 and p_length
$$;
comment on function summaries_private.short_text is
  'Whether a JSON value is a string of 1 to p_length characters.';
revoke all on function summaries_private.short_text from public, anon, authenticated, service_role;
grant execute on function summaries_private.short_text to authenticated, service_role;

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
        and (select bool_and(summaries_private.short_text(s, 60))
          from jsonb_array_elements(v_value) s) end
      when 'instructions' then case when jsonb_typeof(v_value) = 'object' then
        (select count(*) <= 20
            and coalesce(bool_and(length(i.key) between 1 and 60
              and summaries_private.short_text(i.value, 500)), true)
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
grant execute on function summaries_private.valid_template to authenticated, service_role;
