/** What every command is given of the process that runs it. */
import type { Host } from "../host/index.ts";

/** What a command is given of the process around it. */
export interface Shell {
  readonly host: Host;
  /** Aborts at the first SIGTERM or SIGINT: finish the step, release what is held, return. */
  readonly stopping: AbortSignal;
}
