/** What the OpenAPI document shows; a test asks for each and compares. */
import { AppError, type ErrorCode } from "../core/errors.ts";
import type { AcceptedAnswer, ErrorAnswer, HealthAnswer, SummaryAnswer } from "./answers.ts";

const id = (digit: number) => `${digit}0000000-0000-4000-8000-000000000000`;
const path = (file: string) => `${id(1)}/${id(2)}/${file}`;

export const BODY_EXAMPLES = {
  by_consultation: {
    consultation_id: id(2),
    submitted_by: "doctor",
    template_config: { language: "English", sections: ["prescription"] },
  },
  by_urls: {
    primary_audio_url: path(`${id(3)}.webm`),
    image_urls: [path(`${id(4)}.jpg`)],
    submitted_by: "doctor",
  },
  wake_up: {},
  webhook: {
    type: "INSERT",
    table: "recordings",
    schema: "public",
    record: { id: id(3), consultation_id: id(2) },
    old_record: null,
  },
};

export const COMPLETED: SummaryAnswer = {
  summary:
    "## Prescription\n\n- Amoxicillin 500 mg by mouth three times a day for 7 days.\n  - **Amoxicillin** \u00b7 500 mg \u00b7 by mouth \u00b7 three times a day \u00b7 7 days\n- Paracetamol 1 g up to four times a day for fever.\n  - **Paracetamol** \u00b7 1 g \u00b7 up to four times a day\n",
  model: "gemini-3.8-flash",
  timestamp: "2026-11-22T08:00:00+00:00",
  files_processed: {
    audio: 1,
    images: 0,
    errors: [],
  },
  summary_id: id(1),
  consultation_id: id(2),
  status: "completed",
  sections: [
    {
      heading: "Prescription",
      section: "prescription",
      warnings: [],
      statements: [
        {
          text: "Amoxicillin 500 mg by mouth three times a day for 7 days.",
          evidence: [
            {
              kind: "speech",
              text:
                "I am prescribing amoxicillin, 500 milligrams by mouth, three times a day for seven days.",
              start: 43.7,
              segment: "s13",
              speaker: "doctor",
              recording_id: id(3),
            },
          ],
          warnings: [],
          medication: {
            dose: "500 mg",
            drug: "Amoxicillin",
            route: "by mouth",
            duration: "7 days",
            frequency: "three times a day",
          },
        },
        {
          text: "Paracetamol 1 g up to four times a day for fever.",
          evidence: [
            {
              kind: "speech",
              text: "You may take paracetamol for the fever, one gram, up to four times a day.",
              start: 50,
              segment: "s14",
              speaker: "doctor",
              recording_id: id(3),
            },
          ],
          warnings: [],
          medication: {
            dose: "1 g",
            drug: "Paracetamol",
            route: null,
            duration: null,
            frequency: "up to four times a day",
          },
        },
      ],
    },
  ],
};

export const ACCEPTED: AcceptedAnswer = {
  summary_id: id(1),
  status: "queued",
  waiting_for: "slot",
};

export const HEALTH: HealthAnswer = {
  status: "ok",
  timestamp: "2026-11-22T08:00:00Z",
  database: "ok",
  gemini_client: "ok",
  model: "gemini-3.8-flash",
  second_reader: "ok",
};

/** Where the answer says more than the table of errors. */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  forbidden: "Only the service may send this body.",
  invalid_request: "consultation_id: Invalid GUID.",
};

/** What an error is answered with. */
export function errorExample(code: ErrorCode): ErrorAnswer {
  const { message } = new AppError(code, { message: MESSAGES[code] });
  const summary_id = code === "already_running" ? id(2) : undefined;
  return { error: { code, message, request_id: id(1), summary_id } };
}
