/** Every task type this version can run. A stored plan that names another one fails visibly. */
import type { Task } from "../task.ts";
import { applyService } from "./apply-service.ts";
import { applyStatefulSet } from "./apply-statefulset.ts";
import { awaitBootstrapComplete } from "./await-bootstrap-complete.ts";
import { deployBootstrapJob } from "./deploy-bootstrap-job.ts";
import { deployBootstrapService } from "./deploy-bootstrap-service.ts";
import { ensureDataPvc } from "./ensure-data-pvc.ts";
import { markReady } from "./mark-ready.ts";
import { observeImage } from "./observe-image.ts";
import { snapshotRestore } from "./snapshot-restore.ts";
import { configureGenesis } from "./configure-genesis.ts";
import { configApply } from "./config-apply.ts";
import { discoverPeers } from "./discover-peers.ts";
import { configureStateSync } from "./configure-state-sync.ts";
import { configValidate } from "./config-validate.ts";
import { generateIdentity } from "./generate-identity.ts";
import { generateGentx } from "./generate-gentx.ts";
import { uploadGenesisArtifacts } from "./upload-genesis-artifacts.ts";
import { setGenesisPeers } from "./set-genesis-peers.ts";
import { snapshotUpload } from "./snapshot-upload.ts";
import { teardownBootstrap } from "./teardown-bootstrap.ts";

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
  snapshotRestore,
  configureGenesis,
  configApply,
  discoverPeers,
  configureStateSync,
  configValidate,
  generateIdentity,
  generateGentx,
  uploadGenesisArtifacts,
  setGenesisPeers,
];
