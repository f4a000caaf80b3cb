/** One thing that was looked at in a deployed project. */

export interface Finding {
  ok: boolean;
  /** What it is, and how. */
  text: string;
  /** What to do about it. */
  todo?: string;
}

export const inPlace = (text: string): Finding => ({ ok: true, text });
export const missing = (text: string, todo: string): Finding => ({ ok: false, text, todo });
