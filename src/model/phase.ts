/** Where a node stands in its life, as its status says. */
import type { PHASES } from "./status-words.ts";

/** `status.phase`; absent until the first plan is built. */
export type Phase = (typeof PHASES)[number];
