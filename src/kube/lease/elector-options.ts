/** What an elector is built from. */
import type { KubeClient } from "../client/index.ts";
import type { ElectorTiming } from "./elector-step.ts";
import type { LeaseWatchOptions } from "./lease-watch.ts";
import type { Lease } from "./lease.ts";
import type { SharedLease } from "./own-renewals.ts";

/** Who stands for which Lease, and what to call when that changes. */
export interface ElectorOptions extends Omit<LeaseWatchOptions, "signal"> {
  readonly client: KubeClient;
  /** Pod name and UID: no two live processes share it. */
  readonly identity: string;
  /** Who creates the Lease, as server-side apply names it. */
  readonly fieldManager: string;
  readonly timing?: ElectorTiming;
  /** Called once, when the Lease is ours. */
  readonly onAcquired: () => void;
  /** Called once, when it no longer is: by then `fence()` is false. The elector is over. */
  readonly onLost: (why: string) => void;
  /** Called after a try that failed; one line. */
  readonly onTrouble: (why: string) => void;
  /** Called with the Lease whenever it was read; `null` when there is none. */
  readonly onSeen?: (lease: Lease | null) => void;
  /** False: the Lease is only watched. Asked whenever it could be taken; `nudge` tells of a change. */
  readonly mayStand?: () => boolean;
  /** Written on the Lease by its holder; scopes and the like. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Called after a try to create the Lease whose namespace is not there. */
  readonly onNowhere?: () => void;
  /** Given where several hold the Lease under one identity, each renewing it for itself. */
  readonly shared?: SharedLease;
}
