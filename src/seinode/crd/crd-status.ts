/** Schema of `status`: all that the loop writes, and every field of the reference, so that nothing of it is lost. */
import { CONDITION_STATES, type NodeStatus, OUTCOMES, PHASES, READINESS } from "../../model/index.ts";
import { about, bool, int, list, nullable, object, oneOf, text, time, type TypeOf, whole } from "./crd-schema.ts";
import { incarnation, planSchema } from "./crd-plan.ts";
import type { Fits, Nothing, Unkept } from "../../base/index.ts";

/** `status` as the API server keeps it. */
export type StatusOnWire = TypeOf<ReturnType<typeof statusSchema>>;

/** Holds at compile time: the API server takes whatever status the loop can write, and drops no field of it. */
export type StatusIsKept = [
  Fits<NodeStatus & { readonly outcomes: readonly string[] }, StatusOnWire>,
  Nothing<Unkept<NodeStatus, StatusOnWire, "status">>,
];

/** Schema of `status`. */
export function statusSchema() {
  return about(
    "What was seen of the node, and what is done about it.",
    object({
      phase: about("Where the node stands in its life; empty until it is first brought up.", oneOf(["", ...PHASES])),
      phaseTransitionTime: about("When the phase last changed.", time()),
      observedGeneration: about("The newest spec that was looked at.", int("int64")),
      currentImage: about("Image of seid, as it was applied, that was seen running.", text()),
      currentSidecarImage: about("Image of the sidecar, as it was applied, that was seen.", text()),
      conditions: conditions(),
      pluginConditions: about(
        "Which conditions a plugin set, each as detector/Type.",
        list(text({ maxLength: 400 }), { maxItems: 64 }),
      ),
      plan: about("What is being done; none while nothing is.", nullable(planSchema())),
      outcomes: about("Plans that ended, newest last, a line each.", list(text({ maxLength: 4096 }), { maxItems: 10 })),
      history: about("Plans that ended, as earlier versions noted them.", list(record(), { maxItems: 10 })),
      rolledOutPod: about("The Pod that currentImage was seen in.", podReference()),
      podDeletion: about(
        "The Pod that a roll-out last deleted.",
        whole(object({ uid: text(), at: time() }, ["uid", "at"])),
      ),
      reinitialized: about("The word that the last new start was asked for with.", text()),
      applied: about("What the objects came to when they were last applied.", applied()),
      initDigest: about("Digests of the fields of spec that only bringing it up applies, as they were then.", text()),
      dataVolume: about("The volume that the node was brought up on.", dataVolume()),
      reservedVolume: about(
        "The claim that the node is about to import, told before anything is made on it.",
        nullable(dataVolume()),
      ),
      readinessTransitions: about("Last changes of the sidecar's readiness.", list(transition(), { maxItems: 2 })),
      adoptedWorkflow: about("The workflow that holds the node.", nullable(adoptedWorkflow())),
      resolvedPeers: about("Peers that were found.", nullable(list(text()))),
      externalAddress: about("Address that another controller gave the node, host:port.", text()),
      statefulSet: about("The StatefulSet that was last applied.", whole(object({ name: text(), uid: text() }))),
      endpoint: about("URLs of the node's Service.", nullable(endpoint())),
      resolvedStateSyncers: about("State syncers that were found.", list(text())),
      resolvedRPCWitnesses: about("No longer written by anybody.", list(text())),
    }),
  );
}

function conditions() {
  const reason = { minLength: 1, maxLength: 1024, pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$" };
  const condition = object(
    {
      type: text({ maxLength: 316 }),
      status: oneOf(CONDITION_STATES),
      reason: text(reason),
      message: text({ maxLength: 32_768 }),
      lastTransitionTime: time(),
      observedGeneration: int("int64", { minimum: 0 }),
    },
    ["type", "status", "reason", "message", "lastTransitionTime"],
  );
  const byType = { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] };
  return about("What is known of the node, by type.", list(whole(condition), byType));
}

function record() {
  return object(
    {
      id: about("The plan's.", text()),
      detector: about("Who asked for the plan.", text()),
      reason: about("What it was for.", text()),
      outcome: about("How it ended.", oneOf(OUTCOMES)),
      healed: about("Whether the drift was seen to be gone.", bool()),
      message: about("Why it ended so.", text()),
      createdAt: time(),
      finishedAt: time(),
      generation: about("The spec it was made under.", int("int64")),
      incarnation: incarnation("The life of the sidecar whose gate it opened."),
      budget: about("The budget of the fleet that it had a place in.", text()),
    },
    ["id", "outcome"],
  );
}

function podReference() {
  const revision = about("Revision of the StatefulSet that it was made from.", text());
  return whole(object({ name: text(), uid: text(), revision }, ["name", "uid"]));
}

function applied() {
  const generation = about("The spec they were made from.", int("int64"));
  const digest = "Digest of the fields that were ours then.";
  const image = object({ asked: text(), stored: text() }, ["asked", "stored"]);
  const rewritten = about(
    "Images of the template that admission rewrote: what was applied, and what is stored instead.",
    object({ seid: image, sidecar: image }),
  );
  const digests = { statefulSet: about(digest, text()), service: about(digest, text()) };
  return whole(object({ generation, ...digests, rewritten }, ["generation"]));
}

function dataVolume() {
  return whole(object({ claimName: text(), uid: text() }, ["claimName", "uid"]));
}

function transition() {
  return object({ to: oneOf(READINESS), at: time() }, ["to", "at"]);
}

function adoptedWorkflow() {
  return object({ name: text(), uid: text(), adoptedAt: time() }, ["name"]);
}

function endpoint() {
  return whole(object({ evmJsonRpc: text(), evmWs: text(), tendermintRpc: text(), tendermintRest: text() }));
}
