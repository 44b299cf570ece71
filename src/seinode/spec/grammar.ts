/** Forms that Kubernetes and registries prescribe. Every pattern is linear in its input. */

/** A DNS label: lower case letters, digits and inner hyphens. */
export const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** A DNS subdomain: labels joined by dots. */
export const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/;

/** The value of a label; may be empty. */
export const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** A chain id as far as any known chain goes; it becomes an argument of `seid`, so no leading hyphen. */
export const CHAIN_ID = /^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$/;

/** `host:port` in one word. */
export const HOST_PORT = /^[^\s,@/]{1,253}:\d{1,5}$/;

/** A non-negative resource quantity such as `4`, `500m`, `32Gi`, `1e3`. */
export const QUANTITY = /^\d{1,18}(?:\.\d{1,9})?(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,2})?$/;

/** Whether a key may be that of a label: an optional DNS prefix and a name. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  const prefix = slash < 0 ? null : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (prefix !== null && (prefix.length > 253 || !DNS_SUBDOMAIN.test(prefix))) return false;
  return name !== "" && LABEL_VALUE.test(name);
}

/**
 * Whether a text is an image reference: `[host[:port]/]path[:tag][@algorithm:hex]`.
 * The bare word `latest` is refused too: it is a tag whose name was forgotten.
 */
export function isImageReference(text: string): boolean {
  if (text === "" || text.length > MAX_IMAGE_LENGTH || text === "latest") return false;
  const [name, digest, ...more] = text.split("@");
  if (name === undefined || more.length > 0 || (digest !== undefined && !isDigest(digest))) return false;
  const slash = name.lastIndexOf("/");
  const colon = name.indexOf(":", slash + 1);
  if (colon >= 0 && !TAG.test(name.slice(colon + 1))) return false;
  const [first, ...rest] = (colon < 0 ? name : name.slice(0, colon)).split("/");
  if (first === undefined) return false;
  if (rest.length === 0) return PATH_PART.test(first);
  return (HOST.test(first) || PATH_PART.test(first)) && rest.every((part) => PATH_PART.test(part));
}

function isDigest(text: string): boolean {
  const known = DIGEST.exec(text);
  if (known === null) return false;
  const length = known[2]?.length ?? 0;
  if (known[1] === "sha256") return length === 64;
  return known[1] === "sha512" ? length === 128 : length >= 32;
}

const MAX_IMAGE_LENGTH = 512;
const TAG = /^[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}$/;
const DIGEST = /^([a-z][a-z0-9]{0,31})(?:[+._-][a-z0-9]{1,32})?:([0-9a-f]{1,128})$/;
const HOST = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9.]{0,251}[A-Za-z0-9])?|\[[0-9a-fA-F:]{2,39}\])(?::\d{1,5})?$/;
const PATH_PART = /^[a-z0-9](?:[-._a-z0-9]{0,126}[a-z0-9])?$/;
