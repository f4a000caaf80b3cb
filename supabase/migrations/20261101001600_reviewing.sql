-- Which changes of a summary are legal: its states, and what people edit and review.
-- Refusals are SQLSTATE PTxyz, which the Data API answers with status xyz.

create function summaries_private.guard_summary() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_editable constant text[] :=
    array['summary', 'review_status', 'version', 'approved_by', 'approved_at', 'updated_at',
      'supersedes', 'is_current'];
  v_places constant text[] := array['is_current', 'superseded_by'];
  v_edited boolean := new.summary is distinct from old.summary;
  v_reviewed boolean := new.review_status is distinct from old.review_status;
  v_end public.summaries;
begin
  -- Another one has come, or followed, whatever this one is.
  if (new.is_current, new.superseded_by) is distinct from (old.is_current, old.superseded_by)
    and to_jsonb(new) - v_places = to_jsonb(old) - v_places
  then
    return new;
  end if;
  if current_user = 'authenticated' then
    perform summaries_private.assert_form(old, new);
  end if;
  if old.review_status = 'withdrawn' then
    raise exception using errcode = 'PT409', detail = 'withdrawn',
      message = 'A withdrawn summary stays so: ask for a new one.';
  end if;
  -- A member's own statement can't say that.
  if new.review_status = 'withdrawn' and old.status = 'completed' then
    new.updated_at := clock_timestamp();
    return new;
  end if;
  if old.review_status = 'approved' then
    raise exception using errcode = 'PT409', detail = 'approved',
      message = 'An approved summary is final: insert a summary that amends it.';
  end if;
  if new.status <> old.status and (old.status, new.status) not in (
    ('queued', 'processing'), ('queued', 'cancelled'),
    ('processing', 'queued'), ('processing', 'completed'),
    ('processing', 'failed'), ('processing', 'cancelled')
  ) then
    raise exception using errcode = 'PT409', detail = 'illegal_transition',
      message = format('A summary that is %s cannot become %s.', old.status, new.status);
  end if;
  if old.status in ('completed', 'failed', 'cancelled')
    and to_jsonb(new) - v_editable <> to_jsonb(old) - v_editable
  then
    raise exception using errcode = 'PT409', detail = 'ended',
      message = 'A summary that has ended keeps its result.';
  end if;
  new.updated_at := clock_timestamp();
  if new.status <> 'processing' then
    new.stage := null;
  end if;
  if new.status not in ('queued', 'processing') then
    new.ended_at := coalesce(old.ended_at, new.updated_at);
  end if;
  if new.status <> 'queued' then
    new.waiting_for := null;
    new.due_at := null;
  end if;

  if current_user <> 'authenticated' then
    return new;
  end if;
  if new.status <> old.status and new.status <> 'cancelled' then
    raise exception using errcode = 'PT403', detail = 'forbidden',
      message = 'People set a summary''s status to cancelled only.';
  end if;
  if not v_edited and not v_reviewed then
    new.version := old.version;
    return new;
  end if;
  if old.status <> 'completed' then
    raise exception using errcode = 'PT409', detail = 'not_completed',
      message = 'Only a completed summary can be edited and reviewed.';
  end if;
  if old.clinic_id not in (select summaries_private.clinic_ids(array['doctor', 'nurse', 'admin'])) then
    raise exception using errcode = 'PT403', detail = 'forbidden',
      message = 'Only doctors, nurses and admins edit and review summaries.';
  end if;
  if new.version is distinct from old.version + 1 then
    raise exception using errcode = 'PT409', detail = 'version_conflict',
      message = 'Somebody else changed this summary: load it again, and send version + 1.';
  end if;
  if old.review_status = 'rejected' then
    if not v_edited then
      raise exception using errcode = 'PT409', detail = 'illegal_transition',
        message = 'A rejected summary becomes a draft again by an edit.';
    end if;
    if exists (
      select from public.summaries where amends = old.amends and review_status = 'draft'
    ) then
      raise exception using errcode = 'PT409', detail = 'amendment_open',
        message = 'This summary is being amended already: go on with that draft.';
    end if;
    new.review_status := 'draft';
  end if;
  if new.review_status = 'approved' then
    if new.summary ~ '^[\s\u00a0\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*$' then
      raise exception using errcode = 'PT422', detail = 'empty_text',
        message = 'An empty text cannot be approved: write one, or reject it.';
    end if;
    v_end := summaries_private.follow_end(new.id);
    new.supersedes := v_end.id;
    new.is_current := new.is_current or coalesce(v_end.is_current, false);
    new.approved_by := auth.uid();
    new.approved_at := clock_timestamp();
  end if;
  return new;
end
$$;
comment on function summaries_private.guard_summary is
  'Legal changes of a summary: its states for everybody, and column by column what people may do. Runs as '
  'the caller, as prepare_summary does.';
revoke all on function summaries_private.guard_summary from public, anon, authenticated, service_role;
create trigger guard_summary before update on public.summaries
  for each row execute function summaries_private.guard_summary();
