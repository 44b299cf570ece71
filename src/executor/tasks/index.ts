/** Every task type this version can run. A stored plan that names another one fails visibly. */
import type { Task } from "../ports.ts";
import { applyService } from "./apply-service.ts";
import { applyStatefulSet } from "./apply-statefulset.ts";
import { awaitBootstrapComplete } from "./await-bootstrap-complete.ts";
import { deployBootstrapJob } from "./deploy-bootstrap-job.ts";
import { deployBootstrapService } from "./deploy-bootstrap-service.ts";
import { ensureDataPvc } from "./ensure-data-pvc.ts";
import { markReady } from "./mark-ready.ts";
import { observeImage } from "./observe-image.ts";
import { sidecarTask } from "./sidecar-task.ts";
import { snapshotUpload } from "./snapshot-upload.ts";
import { teardownBootstrap } from "./teardown-bootstrap.ts";

/** Handed over and polled to their end, all alike. */
const SIDECAR_TASKS = [
  "snapshot-restore",
  "configure-genesis",
  "config-apply",
  "discover-peers",
  "configure-state-sync",
  "config-validate",
  "generate-identity",
  "generate-gentx",
  "upload-genesis-artifacts",
  "set-genesis-peers",
] as const;

/** The tasks. Order means nothing. */
export const tasks: readonly Task[] = [
  ensureDataPvc,
  applyStatefulSet,
  applyService,
  observeImage,
  markReady,
  snapshotUpload,
  deployBootstrapService,
  deployBootstrapJob,
  awaitBootstrapComplete,
  teardownBootstrap,
  ...SIDECAR_TASKS.map((type) => sidecarTask(type)),
];
