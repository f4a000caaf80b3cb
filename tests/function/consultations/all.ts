/** All scripted consultations. */
import { english } from "./english.ts";
import { european } from "./european.ts";
import { hindi } from "./hindi.ts";
import { long } from "./long.ts";
import type { Consultation } from "./script.ts";

export const CONSULTATIONS: Consultation[] = [...english, ...hindi, ...european, long];
