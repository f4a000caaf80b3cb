/** `@std/media-types/parse-media-type`, for networks without JSR. */

/** `audio/webm;codecs=opus` → `["audio/webm", { codecs: "opus" }]`. Throws on what is no media type. */
export function parseMediaType(type: string): [string, Record<string, string> | undefined] {
  const [essence, ...parameters] = type.split(";").map((part) => part.trim());
  if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(essence)) {
    throw new TypeError(`Cannot parse media type: invalid type "${type}"`);
  }
  const pairs = parameters.filter(Boolean).map((parameter) => {
    const [name, value = ""] = parameter.split("=");
    return [name.trim().toLowerCase(), value.trim().replace(/^"|"$/g, "")];
  });
  return [essence.toLowerCase(), pairs.length ? Object.fromEntries(pairs) : undefined];
}
