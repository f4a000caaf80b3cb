-- What a template_config may hold, checked by every table that has one: what the function's TemplateConfig
-- takes, and nothing else.

create function summaries_private.short_text(
  p_value jsonb, p_length integer, p_forbidden text default '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]'
) returns boolean language plpgsql immutable set search_path = '' as $$
declare
  v_blank constant text := '[\u0009-\u000d \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+';
  v_text constant text := regexp_replace(
    regexp_replace(p_value #>> '{}', '^' || v_blank, ''), v_blank || '$', '');
begin
  return jsonb_typeof(p_value) = 'string' and v_text !~ p_forbidden
    and length(v_text) between 1 and p_length;
end
$$;
comment on function summaries_private.short_text is
  'Whether a JSON value is a string of 1 to p_length characters, without blanks around it, and none of '
  'p_forbidden in it: by default control characters other than tabs and ends of lines.';
revoke all on function summaries_private.short_text from public, anon, authenticated, service_role;
grant execute on function summaries_private.short_text to authenticated, service_role;

create function summaries_private.short_name(p_value jsonb, p_signs text default '_.,''&/') returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  v_text constant text := p_value #>> '{}';
begin
  return jsonb_typeof(p_value) = 'string'
    and length(v_text) <= 60
    and v_text ~ '^[^_.,''()&/ -]'
    and translate(v_text, p_signs, '') !~ ('[\u0001-\u001f!"#$%&''*+,./:;<=>?@\[\\\]^_`{|}~\u007f-\u00a0\u00ad'
      '\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff0-\uffff\U000e0000-\U000e0fff]');
end
$$;
comment on function summaries_private.short_name is
  'Whether a JSON value is a name: 1 to 60 letters and digits of any script, blanks, brackets, hyphens and '
  'p_signs, a letter or digit first. No ends of lines, and nothing that is not seen.';
revoke all on function summaries_private.short_name from public, anon, authenticated, service_role;
grant execute on function summaries_private.short_name to authenticated, service_role;

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
      when 'language' then summaries_private.short_name(v_value, '')
      when 'tone' then summaries_private.short_text(v_value, 60, '[\u0001-\u001f\u007f-\u009f\u2028\u2029]')
      when 'sections' then case when jsonb_typeof(v_value) = 'array' then
        jsonb_array_length(v_value) between 1 and 20
        and (select bool_and(summaries_private.short_name(s)) and count(*) = count(distinct s)
          from jsonb_array_elements(v_value) s) end
      when 'instructions' then case when jsonb_typeof(v_value) = 'object' then
        (select count(*) <= 20
            and coalesce(bool_and(summaries_private.short_name(to_jsonb(i.key))
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

create function summaries_private.refuse_template() returns trigger
language plpgsql set search_path = '' as $$
begin
  -- The constraint's own refusal would write the row into the log.
  if new.template_config is not null and not summaries_private.valid_template(new.template_config) then
    raise exception using errcode = 'PT422', detail = 'template_invalid',
      message = 'The template has a wrong form: see TemplateConfig.';
  end if;
  return new;
end
$$;
comment on function summaries_private.refuse_template is 'Refuses what is no template, in a sentence.';
revoke all on function summaries_private.refuse_template from public, anon, authenticated, service_role;
