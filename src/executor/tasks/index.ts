/** Every task type this version can run. A stored plan that names another one fails visibly. */
import type { Task } from "../ports.ts";
import { applyService } from "./apply-service.ts";
import { applyStatefulSet } from "./apply-statefulset.ts";
import { ensureDataPvc } from "./ensure-data-pvc.ts";
import { markReady } from "./mark-ready.ts";
import { observeImage } from "./observe-image.ts";
import { sidecarTask } from "./sidecar-task.ts";
import { snapshotUpload } from "./snapshot-upload.ts";

/** The tasks. Order means nothing. */
export const tasks: readonly Task[] = [
  ensureDataPvc,
  applyStatefulSet,
  applyService,
  observeImage,
  markReady,
  snapshotUpload,
  sidecarTask("configure-genesis"),
  sidecarTask("config-apply"),
  sidecarTask("config-validate"),
  sidecarTask("discover-peers"),
];
