/** Schema of the keys of a validator or seed, which lie in Secrets. None of them is read: such a node gets a condition. */
import type { JsonObject } from "../../base/index.ts";
import { about, bool, exactlyOne, immutable, object, rule, text, withRules } from "./crd-schema.ts";

/** The consensus key. */
export function signingKey() {
  const secret = about("Secret with the data key priv_validator_key.json.", namedSecret());
  return about("The key that signs blocks.", withRules(object({ secret }), [exactlyOne(["secret"])]));
}

/** The key of the peer-to-peer identity. */
export function nodeKey() {
  const secret = about("Secret with the data key node_key.json.", namedSecret());
  return about("The key that peers know the node by.", withRules(object({ secret }), [exactlyOne(["secret"])]));
}

/** The keyring of the operator's account. */
export function operatorKeyring() {
  const key = about("Data key of the passphrase.", text());
  const passphraseSecretRef = object({ secretName: secretName(), key }, ["secretName"]);
  const keyRules = { default: "node_admin", maxLength: 64, pattern: "^[a-zA-Z0-9_-]+$" };
  const secret = object(
    {
      secretName: secretName(),
      keyName: about("Name of the key in the keyring.", text(keyRules)),
      passphraseSecretRef: about("Where the passphrase lies.", passphraseSecretRef),
      seidMount: about("Whether seid sees the keyring too.", bool({ default: false })),
    },
    ["secretName"],
  );
  const fields = object({ secret: about("Secret with the files of the keyring.", secret) });
  return about("The keyring of the operator's account.", fields);
}

/** The rule of a validator that signs: it has both of its identities. */
export function pairedKeys(): JsonObject {
  return rule("has(self.signingKey) == has(self.nodeKey)", "signingKey and nodeKey are set together or not at all");
}

/** The rules that no two things of a validator lie in one Secret. */
export function distinctSecrets(): readonly JsonObject[] {
  return SECRETS.flatMap((one, index) =>
    SECRETS.slice(index + 1).map((other) =>
      rule(
        `${isMissing(one)} || ${isMissing(other)} || self.${one} != self.${other}`,
        `${one} and ${other} must differ`,
      ),
    ),
  );
}

function namedSecret() {
  return object({ secretName: secretName() }, ["secretName"]);
}

function secretName() {
  const name = text({ minLength: 1, maxLength: 253, pattern: "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$" });
  return about("Name of a Secret in the node's namespace, for good.", immutable("secretName", name));
}

/** Fields of a validator that name a Secret; the last step of each is required where the one before it stands. */
const SECRETS = [
  "signingKey.secret.secretName",
  "nodeKey.secret.secretName",
  "operatorKeyring.secret.secretName",
  "operatorKeyring.secret.passphraseSecretRef.secretName",
];

/** In CEL: whether some step on the way to a field is not there. */
function isMissing(path: string): string {
  const steps = path.split(".").slice(0, -1);
  return steps.map((_step, index) => `!has(self.${steps.slice(0, index + 1).join(".")})`).join(" || ");
}
