/**
 * The keys that `supabase start` gives every project on a developer's machine. They are published, so a
 * frontend's `.env` stays as it is, and they guard nothing.
 */
import type { FixedKeys } from "./tokens.ts";

export const LOCAL_KEYS: FixedKeys = {
  publishable: "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH",
  secret: "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz",
  jwtSecret: "super-secret-jwt-token-with-at-least-32-characters-long",
  signing: {
    kty: "EC",
    kid: "b81269f1-21d8-4f2e-b719-c2240a840d90",
    crv: "P-256",
    x: "M5Sjqn5zwC9Kl1zVfUUGvv9boQjCGd45G8sdopBExB4",
    y: "P6IXMvA2WYXSHSOMTBH2jsw_9rrzGy89FjPf6oOsIxQ",
    d: "dIhR8wywJlqlua4y_yMq2SLhlFXDZJBCvFrY1DCHyVU",
  },
};
