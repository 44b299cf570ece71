/** Every mode of a node, with the steps that bring one up. */
const s3 = { s3: { targetHeight: 500 } };
const withJob = { ...s3, bootstrapImage: "sei:0" };
const stateSync = { stateSync: {}, trustPeriod: "9999h0m0s", backfillBlocks: 7 };
const someone = { static: { addresses: ["n@h:1"] } };
const ceremony = { chainId: "born-1", stakingAmount: "1usei", accountBalance: "2usei", index: 3 };
const makes = { tendermint: { keepRecent: 3, publish: {} } };

const START = "ensure-data-pvc apply-statefulset apply-service";
const NONE = "configure-genesis config-apply config-validate";
const SYNC = "configure-genesis config-apply configure-state-sync config-validate";
const PEERED = "configure-genesis config-apply discover-peers configure-state-sync config-validate";
const END = "observe-image mark-ready";
const JOB = (sequence: string): string =>
  `ensure-data-pvc deploy-bootstrap-service deploy-bootstrap-job ${sequence} mark-ready ` +
  "await-bootstrap-complete teardown-bootstrap apply-statefulset apply-service";

/** A title, a spec, and the steps of its init. */
export const initModes: readonly [string, object, string][] = [
  ["a full node", { fullNode: {} }, `${START} ${NONE} ${END}`],
  ["a full node that syncs its state", { fullNode: { snapshot: stateSync } }, `${START} ${SYNC} ${END}`],
  ["a full node from S3", { fullNode: { snapshot: s3 } }, `${START} snapshot-restore ${SYNC} ${END}`],
  [
    "a full node that publishes snapshots",
    { fullNode: { snapshot: s3, snapshotGeneration: makes }, peers: [someone] },
    `${START} snapshot-restore ${PEERED} snapshot-upload ${END}`,
  ],
  [
    "a full node that a Job catches up",
    { fullNode: { snapshot: withJob, snapshotGeneration: makes } },
    `${JOB(`snapshot-restore ${SYNC}`)} ${NONE} snapshot-upload ${END}`,
  ],
  ["an archive node", { archive: {} }, `${START} ${NONE} ${END}`],
  [
    "an archive node that publishes snapshots",
    { archive: { snapshotGeneration: makes } },
    `${START} ${NONE} snapshot-upload ${END}`,
  ],
  ["a replayer", { replayer: { snapshot: s3 }, peers: [someone] }, `${START} snapshot-restore ${PEERED} ${END}`],
  [
    "a replayer that a Job catches up",
    { replayer: { snapshot: withJob }, peers: [someone] },
    `${JOB(`snapshot-restore ${PEERED}`)} configure-genesis config-apply discover-peers config-validate ${END}`,
  ],
  ["a validator", { validator: {} }, `${START} ${NONE} ${END}`],
  ["a validator that syncs its state", { validator: { snapshot: stateSync } }, `${START} ${SYNC} ${END}`],
  ["a validator from S3", { validator: { snapshot: s3 } }, `${START} snapshot-restore ${SYNC} ${END}`],
  [
    "a validator that a Job catches up",
    { validator: { snapshot: withJob } },
    `${JOB(`snapshot-restore ${SYNC}`)} ${NONE} ${END}`,
  ],
  [
    "a validator of a ceremony, which wins over a snapshot",
    { validator: { genesisCeremony: ceremony, snapshot: withJob } },
    `${START} generate-identity generate-gentx upload-genesis-artifacts configure-genesis config-apply ` +
      `set-genesis-peers config-validate ${END}`,
  ],
];
