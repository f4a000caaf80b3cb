/** The ways to a model, one of which the settings choose. */
import { AppError } from "../core/errors.ts";
import { fileName } from "./file_name.ts";
import { geminiApi } from "./gemini_api/gemini_api.ts";
import { googleCloud } from "./google_cloud/google_cloud.ts";
import { readSettings } from "./google_cloud/settings.ts";
import { MEDIA_TYPES } from "./media_types.ts";
import type { Model, WayDeps } from "./model.ts";
import { chosenWay, type ModelSettings } from "./settings.ts";

/** Never throws: what is wrong with the settings, each call of the model does. */
export function createModel(settings: ModelSettings, deps: WayDeps): Model {
  const way = chosenWay(settings);
  if (typeof way === "object") return noModel(settings.model, way.problem);
  if (way === "gemini-api") return geminiApi({ ...settings.geminiApi, ...namesIn(settings) }, deps);
  const read = readSettings(settings.googleCloud);
  if ("problem" in read) return noModel(settings.model, read.problem);
  return googleCloud({ ...read, ...namesIn(settings) }, deps);
}

const namesIn = ({ model, fallbackModel }: ModelSettings) => ({ model, fallbackModel });

/** Nobody is asked, and nothing is lost: the work waits until the settings are mended. */
function noModel(model: string, message: string): Model {
  const fail = () => Promise.reject(new AppError("model_settings", { message }));
  return {
    model,
    typeName: (type) => MEDIA_TYPES[type].geminiApi,
    fileName: (version) => fileName("none", version),
    upload: fail,
    countTokens: fail,
    generate: fail,
    deleteFile: () => Promise.resolve(false),
    sweep: () => Promise.resolve(),
    check: fail,
  };
}
