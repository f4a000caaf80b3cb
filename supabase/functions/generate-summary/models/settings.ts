/** The settings of the ways to a model, and which way they choose. */

export interface GeminiApiSettings {
  /** Empty: none was set. */
  apiKey: string;
  /** Without a slash at its end. */
  baseUrl?: string;
}

/** As they were given: `google_cloud/settings.ts` says what is wrong with them. */
export interface GoogleCloudSettings {
  /** The service account's JSON. */
  key?: string;
  /** Where the model runs: `eu`, `europe-west4`, `global`… */
  location?: string;
  bucket?: string;
  /** Of a proxy in Google's place, for all three hosts. Without a slash at its end. */
  baseUrl?: string;
}

export interface ModelNames {
  model: string;
  /** Asked instead once the model is gone. */
  fallbackModel?: string;
}

export interface ModelSettings extends ModelNames {
  /** The way that was named. */
  provider?: string;
  geminiApi: GeminiApiSettings;
  googleCloud: GoogleCloudSettings;
}

const PROVIDERS = ["gemini-api", "google-cloud"] as const;

/** The way that the settings choose, or a sentence that says why none. */
export function chosenWay(
  { provider, geminiApi, googleCloud }: ModelSettings,
): typeof PROVIDERS[number] | { problem: string } {
  const named = PROVIDERS.find((name) => name === provider);
  if (named) return named;
  if (provider) return { problem: `MODEL_PROVIDER is neither of ${PROVIDERS.join(" and ")}.` };
  const { key, location, bucket } = googleCloud;
  // Half of them is a mistake, and none that may end at the other way.
  if (!key && !location && !bucket) return "gemini-api";
  if (!geminiApi.apiKey) return "google-cloud";
  return {
    problem: "Both GEMINI_API_KEY and settings of Google Cloud are there: name one of " +
      `${PROVIDERS.join(" and ")} in MODEL_PROVIDER.`,
  };
}
