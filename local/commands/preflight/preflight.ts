/** Looks whether a deployed project has everything in place. */
import { type Finding, inPlace, missing } from "./finding.ts";
import { type Health, lookAtHealth, noHealth } from "./health.ts";
import { lookAtMember, type Member } from "./member.ts";
import { lookAtQueue } from "./queue.ts";

interface Deployment {
  /** The project's, without a path. */
  url: string;
  /** Without it the queue and the bucket can't be seen. */
  secretKey?: string;
  /** Who tries what members may not. */
  member?: Member;
  /** A frontend's, e.g. `https://app.example.com`. */
  origin?: string;
  fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now: number;
}

const ROUTE = "/functions/v1/generate-summary";

/** Looks at one thing after another; what can't be seen without an earlier one is left out. */
export async function preflight(deployment: Deployment): Promise<Finding[]> {
  let answer;
  try {
    answer = await call(deployment, `${ROUTE}/health`, { headers: keyOf(deployment) });
  } catch {
    return [
      missing(
        `Nothing answers at ${deployment.url}.`,
        "Check the address, and that it is not paused.",
      ),
    ];
  }
  const health: Health = answer.body;
  if (health?.gemini_client === undefined) return [noHealth(answer.status, answer.body)];
  return [
    inPlace("The function is deployed and starts."),
    ...lookAtHealth(health),
    ...await lookInside(deployment, health),
    ...deployment.member
      ? await lookAtMember(deployment.url, deployment.member, deployment.fetch)
      : [],
    ...await lookAtOrigin(deployment),
  ];
}

/** At what only a secret key may see. */
async function lookInside(deployment: Deployment, { queue }: Health): Promise<Finding[]> {
  if (!deployment.secretKey) {
    return [
      missing(
        "The queue and the bucket were not looked at.",
        "Set SUPABASE_SECRET_KEY to a secret key of the project.",
      ),
    ];
  }
  const findings = queue ? lookAtQueue(queue, deployment.now) : [];
  return [...findings, await lookAtBucket(deployment)];
}

async function lookAtBucket(deployment: Deployment): Promise<Finding> {
  const path = "/storage/v1/bucket/consultations";
  const { status, body } = await call(deployment, path, { headers: keyOf(deployment) });
  if (status !== 200) {
    return missing(
      "There is no bucket `consultations`.",
      "Run `supabase db push`: it makes one.",
    );
  }
  if (!body.public) return inPlace("The bucket `consultations` is there, and private.");
  return missing(
    "The bucket `consultations` is public: anyone with an address can read recordings.",
    "Make it private, in the dashboard under Storage, at once.",
  );
}

async function lookAtOrigin(deployment: Deployment): Promise<Finding[]> {
  const { origin } = deployment;
  if (!origin) return [];
  const { headers } = await call(deployment, ROUTE, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST" },
  });
  if (headers.get("access-control-allow-origin") === origin) {
    return [inPlace(`Browsers may call it from ${origin}.`)];
  }
  return [
    missing(
      `Browsers may not call it from ${origin}.`,
      `Run \`supabase secrets set FRONTEND_URL=${origin}\` (several: comma-separated).`,
    ),
  ];
}

const keyOf = ({ secretKey }: Deployment): Record<string, string> =>
  secretKey ? { apikey: secretKey } : {};

/** `body`: null when it is no JSON. */
async function call({ url, fetch }: Deployment, path: string, init: RequestInit) {
  const signal = AbortSignal.timeout(30_000);
  const answer = await fetch(`${url}${path}`, { ...init, redirect: "error", signal });
  const body = await answer.json().catch(() => null);
  return { status: answer.status, headers: answer.headers, body };
}
