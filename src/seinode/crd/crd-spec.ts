/**
 * Schema of `spec`: every field that a SeiNode has in any state of the reference that we follow. Where two states
 * differ the looser rule holds, so that no manifest of either is refused; what we do not build is refused by a condition.
 */
import {
  about,
  bool,
  exactlyOne,
  immutable,
  int,
  list,
  object,
  quantities,
  rule,
  type Schema,
  text,
  texts,
  type TypeOf,
  withRules,
} from "./crd-schema.ts";
import { archive, fullNode, replayer, seed, validator } from "./crd-modes.ts";
import { MODES, PEER_KINDS } from "../spec/index.ts";

/** `spec` as the API server lets it in. What was stored before the schema may be anything. */
export type SpecOnWire = TypeOf<ReturnType<typeof specSchema>>;

/** Schema of `spec`. */
export function specSchema() {
  const modes = {
    fullNode: fullNode(),
    archive: archive(),
    validator: validator(),
    replayer: replayer(),
    seed: seed(),
  };
  const schema = object(
    {
      chainId: about("Chain that the node belongs to.", text({ minLength: 1 })),
      image: about("Image of seid. Another one is rolled out.", text({ minLength: 1, maxLength: 512 })),
      peers: about("Where peers come from; required in replayer mode.", list(peer())),
      overrides: about("Dotted sei-config keys, applied over those of the mode when the node is brought up.", texts()),
      sidecar: about("The sidecar container.", sidecar()),
      podLabels: about("Labels of Pod, StatefulSet, Service and claim. Those of the system win.", texts()),
      entrypoint: about("Replaces `seid start --home <data>`.", entrypoint()),
      dataVolume: about("Where the data lies; a claim of the node's own unless given.", dataVolume()),
      externalAddress: about("Address under which other nodes reach this one, host:port.", text()),
      paused: about("No replicas and no plans while true.", bool({ default: false })),
      ...modes,
    },
    ["chainId", "image"],
  );
  return about(
    "What the node is to be.",
    withRules(schema, [
      exactlyOne(MODES),
      rule(
        "!has(self.replayer) || (has(self.peers) && size(self.peers) > 0)",
        "peers: at least one is required in replayer mode",
      ),
    ]),
  );
}

function peer() {
  const tags = about("Tags that an instance must all have.", texts({ minProperties: 1 }));
  const region = about("AWS region.", text({ minLength: 1 }));
  const addresses = about("Addresses of the form nodeId@host:port.", list(text(), { minItems: 1 }));
  const selector = about("Labels that a SeiNode must all have.", texts({ minProperties: 1 }));
  const namespace = about("Namespace of those SeiNodes; the node's own unless given.", text());
  const schema = object({
    ec2Tags: about("Running EC2 instances.", object({ region, tags }, ["region", "tags"])),
    static: about("Fixed addresses.", object({ addresses }, ["addresses"])),
    label: about("Other SeiNodes.", object({ selector, namespace }, ["selector"])),
  } satisfies Record<(typeof PEER_KINDS)[number], Schema<unknown>>);
  return withRules(schema, [exactlyOne(PEER_KINDS)]);
}

function sidecar() {
  return object({
    image: about("Image of the sidecar; the platform's unless given.", text()),
    port: about("Port it listens on; 0 is the default.", int("int32", { default: 7777, minimum: 0, maximum: 65535 })),
    resources: about("Requests and limits of the container.", resources()),
  });
}

function resources() {
  const name = about("A claim of the Pod.", text());
  const request = about("One request of that claim.", text());
  const byName = { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] };
  return object({
    claims: about("Claims of the Pod that the container uses.", list(object({ name, request }, ["name"]), byName)),
    limits: about("At most.", quantities()),
    requests: about("At least.", quantities()),
  });
}

function entrypoint() {
  const command = about("The program and its first arguments.", list(text(), { minItems: 1, maxItems: 16 }));
  const args = about("More arguments.", list(text(), { maxItems: 64 }));
  return object({ command, args }, ["command"]);
}

function dataVolume() {
  const name = text({ minLength: 1, maxLength: 253, pattern: "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$" });
  const pvcName = about("Name of the claim, for good.", immutable("pvcName", name));
  const schema = object({
    import: about("A claim that is there already. It is never changed or deleted.", object({ pvcName }, ["pvcName"])),
  });
  return withRules(schema, [rule("!has(oldSelf.import) || has(self.import)", "import cannot be removed once set")]);
}
