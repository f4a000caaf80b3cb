/** Google Cloud's settings: read, and what is wrong with them in one sentence that holds none of their values. */
import type { GoogleCloudSettings } from "../settings.ts";

export interface ServiceAccount {
  email: string;
  /** Names the key among the account's. */
  keyId: string;
  /** PKCS #8 in DER. */
  privateKey: Uint8Array<ArrayBuffer>;
}

export interface Ready {
  account: ServiceAccount;
  /** Of Google Cloud, by its id. */
  project: string;
  location: string;
  bucket: string;
  /** The origins, without a slash at their ends: nothing else is ever asked. */
  hosts: { token: string; model: string; storage: string };
}

/** What the settings say, or a sentence that says what is missing or wrong. */
export function readSettings(
  { key, location, bucket, baseUrl }: GoogleCloudSettings,
): Ready | { problem: string } {
  const missing = Object.entries({
    GOOGLE_CLOUD_KEY: key,
    GOOGLE_CLOUD_LOCATION: location,
    GOOGLE_CLOUD_BUCKET: bucket,
  }).filter(([, value]) => !value).map(([name]) => name);
  if (!key || !location || !bucket) {
    return { problem: `Google Cloud is not all set: ${missing.join(" and ")} is missing.` };
  }
  if (!/^(global|us|eu|[a-z]+(-[a-z]+)+\d+)$/.test(location)) {
    return { problem: "GOOGLE_CLOUD_LOCATION is no location: it is like eu, us or asia-south1." };
  }
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket)) {
    return { problem: "GOOGLE_CLOUD_BUCKET is no bucket's name: give it without gs:// and path." };
  }
  const read = readKey(key);
  if ("problem" in read) return { problem: `GOOGLE_CLOUD_KEY ${read.problem}` };
  return { ...read, location, bucket, hosts: hostsOf(location, baseUrl) };
}

function hostsOf(location: string, baseUrl: string | undefined): Ready["hosts"] {
  if (baseUrl) return { token: baseUrl, model: baseUrl, storage: baseUrl };
  const model = location === "global"
    ? "aiplatform.googleapis.com"
    : location === "us" || location === "eu"
    ? `aiplatform.${location}.rep.googleapis.com`
    : `${location}-aiplatform.googleapis.com`;
  return {
    token: "https://oauth2.googleapis.com",
    model: `https://${model}`,
    storage: "https://storage.googleapis.com",
  };
}

const WHOLE = "paste all of the file that Google gave, as it is.";

function readKey(text: string): Pick<Ready, "account" | "project"> | { problem: string } {
  const given = parse(text);
  if (!given) return { problem: `is no JSON: ${WHOLE}` };
  const { type, project_id, client_email, private_key_id, private_key } = given;
  if (type !== "service_account") {
    const named = isText(type) && /^[a-z_]{1,40}$/.test(type);
    const kind = named ? ` of the type ${type}` : " of another type";
    return { problem: `is${kind}: make a key of a service account.` };
  }
  if (!isText(private_key)) return { problem: `has no private_key: ${WHOLE}` };
  if (!isText(client_email) || !isText(project_id)) {
    return { problem: `has no client_email or no project_id: ${WHOLE}` };
  }
  const privateKey = bytesOf(private_key);
  if (!privateKey) return { problem: `has a private_key that can't be read: ${WHOLE}` };
  const keyId = isText(private_key_id) ? private_key_id : "";
  return { account: { email: client_email, keyId, privateKey }, project: project_id };
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Shells turn the `\n` of a key into line ends, which JSON doesn't take within a text. */
function parse(text: string): Record<string, unknown> | null {
  const mended = text.replace(
    /"private_key"\s*:\s*"[^"]*"/,
    (key) => key.replaceAll("\r", "").replaceAll("\n", "\\n"),
  );
  try {
    const value = JSON.parse(mended);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** PEM; a `\n` that was escaped twice is still one. */
function bytesOf(pem: string): Uint8Array<ArrayBuffer> | null {
  const [, base64] = /-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----/.exec(pem) ?? [];
  try {
    const text = atob((base64 ?? "").replaceAll(/\\n|\s/g, ""));
    return text ? Uint8Array.from(text, (character) => character.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}
