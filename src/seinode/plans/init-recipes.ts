/**
 * The tasks that bring a new node up, by mode and by where its first state comes from. Source: the reference's planner.
 *
 * `observe-image` stamps what runs, so that no image plan follows at once; it stands before `mark-ready`, since
 * containers run before the gate opens.
 */
import {
  bootstrapOf,
  ceremonyOf,
  type GenesisCeremony,
  type Mode,
  peerSources,
  type SeiNodeSpec,
  type Snapshot,
  snapshotOf,
} from "../spec/index.ts";
import { controllerTask, type SeiNode, sidecarTask, type TaskSpec } from "../../model/index.ts";
import { configMode, configOverrides } from "./config-overrides.ts";
import { bootstrapJobName, serviceName } from "../objects/index.ts";

/** Steps of init. A ceremony wins over a snapshot: a chain that is being born has none. */
export function initTasks(node: SeiNode, spec: SeiNodeSpec): readonly TaskSpec[] {
  const volume = controllerTask(node, "ensure-data-pvc");
  const ceremony = ceremonyOf(spec.mode);
  if (ceremony !== null) {
    return [volume, ...objects(node), ...ceremonySteps(node, { spec, ceremony }), ...opening(node)];
  }
  const snapshot = snapshotOf(spec.mode);
  if (bootstrapOf(spec) === null) {
    return [
      volume,
      ...objects(node),
      ...configuring(node, { spec, snapshot }),
      ...uploads(spec.mode),
      ...opening(node),
    ];
  }
  return [
    volume,
    ...bootstrapSteps(node, configuring(node, { spec, snapshot })),
    ...objects(node),
    // The state is there by now: what is left is to configure the image that runs from here on.
    ...configuring(node, { spec, snapshot: null }),
    ...uploads(spec.mode),
    ...opening(node),
  ];
}

function objects(node: SeiNode): readonly TaskSpec[] {
  return [controllerTask(node, "apply-statefulset"), controllerTask(node, "apply-service")];
}

function opening(node: SeiNode): readonly TaskSpec[] {
  return [controllerTask(node, "observe-image"), sidecarTask("mark-ready")];
}

/** From an empty volume to a configuration that can start. */
function configuring(
  node: SeiNode,
  { spec, snapshot }: { readonly spec: SeiNodeSpec; readonly snapshot: Snapshot | null },
): readonly TaskSpec[] {
  const sources = peerSources(node, spec.peers);
  return [
    ...(snapshot?.source.kind === "s3"
      ? [sidecarTask("snapshot-restore", { targetHeight: snapshot.source.targetHeight })]
      : []),
    sidecarTask("configure-genesis"),
    configApply(node, spec),
    ...(sources.length === 0 ? [] : [sidecarTask("discover-peers", { sources })]),
    ...(snapshot === null ? [] : [stateSync(snapshot)]),
    sidecarTask("config-validate"),
  ];
}

function configApply(node: SeiNode, spec: SeiNodeSpec): TaskSpec {
  return sidecarTask("config-apply", { mode: configMode(spec.mode), overrides: { ...configOverrides(node, spec) } });
}

function stateSync({ source, trustPeriod, backfillBlocks }: Snapshot): TaskSpec {
  return sidecarTask("configure-state-sync", {
    useLocalSnapshot: source.kind === "s3",
    trustPeriod: trustPeriod ?? "",
    backfillBlocks: backfillBlocks ?? 0,
  });
}

function uploads(mode: Mode): readonly TaskSpec[] {
  const makes = mode.kind === "fullNode" || mode.kind === "archive" ? mode.snapshotGeneration : null;
  return makes?.publish === true ? [sidecarTask("snapshot-upload")] : [];
}

/** The Job fills the volume and is gone, with all that was its own, before the StatefulSet's Pod mounts it. */
function bootstrapSteps(node: SeiNode, steps: readonly TaskSpec[]): readonly TaskSpec[] {
  const { namespace, name } = node.metadata;
  const names = { jobName: bootstrapJobName(name), serviceName: serviceName(name), namespace };
  const { jobName } = names;
  return [
    { type: "deploy-bootstrap-service", params: { serviceName: names.serviceName, namespace } },
    { type: "deploy-bootstrap-job", params: { jobName, namespace } },
    ...steps,
    sidecarTask("mark-ready"),
    { type: "await-bootstrap-complete", params: { jobName, namespace } },
    { type: "teardown-bootstrap", params: names },
  ];
}

/** An hour and a half of tries: the genesis is there only when every validator has delivered. */
const GENESIS_RETRIES = 180;

function ceremonySteps(
  node: SeiNode,
  { spec, ceremony }: { readonly spec: SeiNodeSpec; readonly ceremony: GenesisCeremony },
): readonly TaskSpec[] {
  const { chainId, stakingAmount, accountBalance, genesisParams } = ceremony;
  const { name } = node.metadata;
  return [
    sidecarTask("generate-identity", { chainId, moniker: name }),
    sidecarTask("generate-gentx", {
      chainId,
      stakingAmount,
      accountBalance,
      ...(genesisParams === null ? {} : { genesisParams }),
    }),
    sidecarTask("upload-genesis-artifacts", { nodeName: name }),
    { ...sidecarTask("configure-genesis"), maxRetries: GENESIS_RETRIES },
    configApply(node, spec),
    sidecarTask("set-genesis-peers"),
    sidecarTask("config-validate"),
  ];
}
