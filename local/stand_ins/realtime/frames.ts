/** Messages of Phoenix channels, the protocol below realtime-js, and how they are written. */

export interface Frame {
  /** Which join of the topic it belongs to. */
  joinRef: string | null;
  /** Names the message that a reply is to. */
  ref: string | null;
  topic: string;
  event: string;
  payload: unknown;
}

interface Codec {
  encode(frame: Frame): string;
  decode(text: string): Frame;
}

/** How frames are written in this version of the protocol; 2.0.0 is what realtime-js 2 speaks. */
export const codecFor = (version: string | null): Codec => version === "1.0.0" ? objects : arrays;

const arrays: Codec = {
  encode: ({ joinRef, ref, topic, event, payload }) =>
    JSON.stringify([joinRef, ref, topic, event, payload]),
  decode(text) {
    const [joinRef, ref, topic, event, payload] = JSON.parse(text);
    return { joinRef, ref, topic, event, payload };
  },
};

const objects: Codec = {
  encode: ({ joinRef, ...frame }) => JSON.stringify({ join_ref: joinRef, ...frame }),
  decode(text) {
    const { join_ref, ref, topic, event, payload } = JSON.parse(text);
    return { joinRef: join_ref ?? null, ref, topic, event, payload };
  },
};
