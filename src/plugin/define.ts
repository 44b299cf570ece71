/** `defineDetector`: gives a detector its types, and does nothing else. */
import type { Detector } from "../model/index.ts";
import type { JsonObject } from "../base/index.ts";

/** The detector as given; it is here for the types alone, so that `observed` is known in `detect`. */
export function defineDetector<Observed = JsonObject>(detector: Detector<Observed>): Detector<Observed> {
  return detector;
}
