import { z } from "zod";
import type { BundleFile } from "./manifest.ts";

/** Undefined for an absent file and for what is no JSON in UTF-8. */
export function parseJson(file: BundleFile | undefined): unknown {
  if (file === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file.data));
  } catch {
    return undefined;
  }
}

/** What is wrong with the form of some JSON, in one line. */
export function formOf(error: z.ZodError): string {
  return z
    .prettifyError(error)
    .replaceAll(/\s*\n\s*/g, " ")
    .slice(0, 500);
}
