-- A signed address outlives whoever asked for it: members get none.

create policy "only the service signs addresses of recordings" on storage.objects
  as restrictive
  using (
    bucket_id <> 'consultations'
    -- The Storage API's names of routes that sign, of one file, of many, and for an upload; older ones
    -- come without the prefix. An older Storage that names none signs.
    or coalesce((select storage.operation()), '') !~ '^(storage\.)?object\.sign'
  );
