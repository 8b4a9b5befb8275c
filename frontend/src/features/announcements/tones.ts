/** How loud each kind of announcement is. */
import type { Banner } from "@/api/types";
import type { Tone } from "@/kit/states";

export const TONES: Record<Banner["type"], Tone> = { INFO: "busy", WARNING: "warn", ERROR: "bad" };
