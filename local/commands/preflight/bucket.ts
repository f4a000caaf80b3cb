/** Whether a bucket of Cloud Storage keeps recordings for no longer, and shows them to no more, than it must. */
import { type Finding, inPlace, missing } from "./finding.ts";

/** As Cloud Storage's JSON API answers it, as far as it is looked at. */
interface Bucket {
  location?: string;
  softDeletePolicy?: { retentionDurationSeconds?: string };
  versioning?: { enabled?: boolean };
  retentionPolicy?: unknown;
  lifecycle?: {
    rule?: { action?: { type?: string }; condition?: Record<string, unknown> }[];
  };
  iamConfiguration?: {
    uniformBucketLevelAccess?: { enabled?: boolean };
    publicAccessPrevention?: string;
  };
  encryption?: { defaultKmsKeyName?: string };
}

const update = (flags: string) => `Run \`gcloud storage buckets update gs://BUCKET ${flags}\`.`;

/** `location`: the model's; `cmek`: a key of the hospital's own is asked for. */
export function lookAtBucket(
  { status, body }: { status: number; body: unknown },
  location: string,
  cmek: boolean,
): Finding[] {
  if (status === 404) {
    return [
      missing(
        "There is no bucket of the name in GOOGLE_CLOUD_BUCKET.",
        "Make one as docs/deploying.md says, in the model's location.",
      ),
    ];
  }
  if (status !== 200) {
    return [
      missing(
        `The bucket's settings can't be read (status ${status}): is it another project's?`,
        "Grant the service account roles/storage.legacyBucketReader on it.",
      ),
    ];
  }
  const bucket = body as Bucket;
  return [
    placeOf(bucket, location),
    off(
      Number(bucket.softDeletePolicy?.retentionDurationSeconds ?? 0) === 0,
      "Soft delete is off: what is deleted is gone.",
      "Soft delete is on: deleted recordings stay for days.",
      "--clear-soft-delete",
    ),
    off(
      !bucket.versioning?.enabled,
      "Versioning is off.",
      "Versioning is on: deleted recordings stay as old versions.",
      "--no-versioning",
    ),
    off(
      !bucket.retentionPolicy,
      "No retention policy keeps what is to be deleted.",
      "A retention policy is set: nothing can be deleted before its time.",
      "--clear-retention-period",
    ),
    off(
      forgets(bucket),
      "What is left over is deleted after a day.",
      "No lifecycle rule deletes what is a day old.",
      "--lifecycle-file=lifecycle.json",
    ),
    off(
      bucket.iamConfiguration?.uniformBucketLevelAccess?.enabled === true,
      "Access is by the bucket's roles alone.",
      "Single objects may have readers of their own.",
      "--uniform-bucket-level-access",
    ),
    off(
      bucket.iamConfiguration?.publicAccessPrevention === "enforced",
      "Nobody can make it public.",
      "It could be made public.",
      "--public-access-prevention",
    ),
    ...cmek
      ? [
        off(
          Boolean(bucket.encryption?.defaultKmsKeyName),
          "It is encrypted with a key of your own.",
          "It is not encrypted with a key of your own.",
          "--default-encryption-key=KEY",
        ),
      ]
      : [],
  ];
}

const off = (ok: boolean, good: string, bad: string, flags: string): Finding =>
  ok ? inPlace(good) : missing(bad, update(flags));

function placeOf({ location = "nowhere" }: Bucket, wanted: string): Finding {
  if (location.toLowerCase() === wanted) {
    return inPlace(`The bucket is where the model runs: ${location}.`);
  }
  if (wanted === "global") return inPlace(`The bucket is in ${location}.`);
  return missing(
    `The bucket is in ${location}, and the model is asked in ${wanted}.`,
    "A bucket can't be moved: make one where the model runs, set GOOGLE_CLOUD_BUCKET, delete this.",
  );
}

/** Whether a rule deletes everything that is a day old, and nothing is exempt from it. */
function forgets({ lifecycle }: Bucket): boolean {
  return (lifecycle?.rule ?? []).some(({ action, condition = {} }) => {
    const { age, ...others } = condition;
    const narrowed = Object.keys(others).length > 0;
    return action?.type === "Delete" && typeof age === "number" && age <= 1 && !narrowed;
  });
}
