/** A page in React: a file is uploaded, and the clinic's summaries appear and change. */
import type { Place, Summaries } from "../clients/index.ts";
import { useClinicSummaries, useUpload } from "../clients/react.ts";

/** Make `summaries` once: `const summaries = createSummaries(supabase)`, outside of components. */
export function Page({ summaries, place }: { summaries: Summaries; place: Place }) {
  const { upload, abort, progress, error } = useUpload(summaries);
  const list = useClinicSummaries(summaries, place.clinicId);
  const failed = error ?? list.error;
  function choose(form: FormData) {
    const file = form.get("file");
    if (file instanceof File) upload(place, file);
  }
  return (
    <>
      <form action={choose}>
        <input type="file" name="file" accept="audio/*,image/*" required />
        <button type="submit" disabled={progress !== null}>Upload</button>
      </form>
      {progress !== null && (
        <>
          <progress value={progress} />
          <button type="button" onClick={abort}>Stop</button>
        </>
      )}
      {failed && <p role="alert">{failed.message}</p>}
      <ul>
        {list.summaries?.map(({ id, status, summary }) => <li key={id}>{summary ?? status}</li>)}
      </ul>
    </>
  );
}
