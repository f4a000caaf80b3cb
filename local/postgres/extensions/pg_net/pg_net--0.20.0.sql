-- Requests wait in an unlogged table, as they do in pg_net: a crash of the server empties it. The
-- worker is stand_ins/pg_net/worker.ts.
create schema net;

create domain net.http_method as text check (value in ('GET', 'POST', 'DELETE'));

create unlogged table net.http_request_queue (
  id bigserial,
  method net.http_method not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds integer not null
);

create unlogged table net._http_response (
  id bigint,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out boolean,
  error_msg text,
  created timestamptz not null default now()
);
create index on net._http_response (created);

create function net.wake() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_catalog.pg_notify('net_wake', '');
  return null;
end
$$;
create trigger wake after insert on net.http_request_queue
  for each statement execute function net.wake();

-- Every byte but the unreserved characters of RFC 3986 as %XX.
create function net._urlencode_string(string varchar) returns text
language sql immutable strict as $$
  select coalesce(string_agg(
    case
      when c ~ '^[A-Za-z0-9_.~-]$' then c
      else upper(regexp_replace(encode(convert_to(c, 'utf8'), 'hex'), '(..)', '%\1', 'g'))
    end, '' order by n
  ), '')
  from regexp_split_to_table(string, '') with ordinality as t (c, n)
  where c <> ''
$$;

create function net._with_params(url text, params jsonb) returns text language sql immutable as $$
  select url || coalesce(
    (select case when position('?' in url) > 0 then '&' else '?' end
       || string_agg(net._urlencode_string(key) || '=' || net._urlencode_string(value), '&')
     from jsonb_each_text(params)),
    ''
  )
$$;

create function net._enqueue(
  method net.http_method, url text, params jsonb, headers jsonb, body jsonb,
  timeout_milliseconds integer
) returns bigint language sql as $$
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values (
    method, net._with_params(url, params), headers, convert_to(body::text, 'utf8'),
    timeout_milliseconds
  )
  returning id
$$;

create function net.http_get(
  url text, params jsonb default '{}', headers jsonb default '{}',
  timeout_milliseconds integer default 5000
) returns bigint language sql as $$
  select net._enqueue('GET', url, params, headers, null, timeout_milliseconds)
$$;

create function net.http_delete(
  url text, params jsonb default '{}', headers jsonb default '{}',
  timeout_milliseconds integer default 5000, body jsonb default null
) returns bigint language sql as $$
  select net._enqueue('DELETE', url, params, headers, body, timeout_milliseconds)
$$;

create function net.http_post(
  url text, body jsonb default '{}', params jsonb default '{}',
  headers jsonb default '{"Content-Type": "application/json"}',
  timeout_milliseconds integer default 5000
) returns bigint language plpgsql as $$
declare
  content_type text := (
    select h.value from jsonb_each_text(headers) as h where lower(h.key) = 'content-type' limit 1
  );
begin
  if content_type is null then
    headers := coalesce(headers, '{}') || '{"Content-Type": "application/json"}';
  elsif content_type not like 'application/json%' then
    raise exception 'Content-Type header must be "application/json"';
  end if;
  return net._enqueue('POST', url, params, headers, body, timeout_milliseconds);
end
$$;

-- As pg_net grants: whoever can use the schema reads queued headers and stored answers.
grant usage on schema net to postgres, anon, authenticated, service_role;
grant all on all tables in schema net to public;
grant all on all sequences in schema net to public;
