import { verify } from "node:crypto";
import type { App } from "../world/world.ts";
import { Refusal } from "./refusal.ts";

const LONGEST_S = 600;
const DRIFT_S = 60;

/** Throws GitHub's refusal unless `jwt` is an unexpired RS256 token that the app's own key signed. */
export function verifyAppToken(app: App, jwt: string, nowMs: number): void {
  const [header, payload, signature] = jwt.split(".");
  if (!header || !payload || !signature) throw undecodable();
  const signed = Buffer.from(`${header}.${payload}`);
  const genuine =
    decode(header)["alg"] === "RS256" &&
    verify("sha256", signed, app.publicKey, Buffer.from(signature, "base64url"));
  if (!genuine) throw undecodable();
  checkClaims(app, decode(payload), nowMs / 1000);
}

function checkClaims(app: App, claims: Readonly<Record<string, unknown>>, now: number): void {
  const { exp, iat, iss } = claims;
  if (String(iss) !== String(app.id) && iss !== app.clientId) {
    throw new Refusal(404, "Integration not found");
  }
  if (typeof exp !== "number" || exp <= now) {
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (typeof iat !== "number" || iat > now + DRIFT_S) {
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  if (exp - now > LONGEST_S + DRIFT_S || exp - iat > LONGEST_S + DRIFT_S) {
    throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
  }
}

function decode(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    throw undecodable();
  }
}

function undecodable(): Refusal {
  return new Refusal(401, "A JSON web token could not be decoded");
}
