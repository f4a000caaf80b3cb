/**
 * The type alone, in lower case: `Audio/WebM;codecs=opus` gives `audio/webm`. Parameters are not read,
 * since what surrounds them need not be well formed: browsers' recorders declare
 * `video/webm;codecs=vp8,opus`, whose comma would have to be quoted.
 */
export function essence(contentType: string | null): string {
  return (contentType ?? "").split(";")[0].trim().toLowerCase();
}
