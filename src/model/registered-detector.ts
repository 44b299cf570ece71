/** A detector in its place in the list, and how it is asked. */
import type { Detector } from "./detector.ts";

/** `act` plans, `observe` reports what it would plan, `off` is not asked. */
export type DetectorMode = "act" | "observe" | "off";

/** A detector in its place in the list. */
export interface RegisteredDetector {
  readonly detector: Detector<unknown>;
  readonly mode: DetectorMode;
  /** Whose it is: what is known of a built-in, and may be relied on, is not taken from a plugin. */
  readonly origin: "builtin" | "plugin";
  /** `hold`: when it fails, the ones after it are not asked either, since they would act out of turn. */
  readonly onFailure: "hold" | "skip";
  /** Milliseconds that one `observe` may take; the whole reconcile waits for it. */
  readonly deadlineMs: number;
  /** Checks what came out of foreign code before anything relies on it. */
  readonly guard: Guard;
}

/** Refuses what is no drift, no condition or no plain JSON. `null` = as it should be, else why not. */
export interface Guard {
  observed(value: unknown): string | null;
  drift(value: unknown): string | null;
  conditions(value: unknown): string | null;
}
