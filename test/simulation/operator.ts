/** A person with kubectl, and the machines that act beside the controller: all over the API server's own door. */
import type { HttpRequest, JsonObject } from "../../src/base/index.ts";
import type { SimCluster } from "../../src/sim/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";

const LIMITS = { deadlineMs: 10_000, maxBytes: 1 << 22 };
const BY = { "user-agent": "operator/1.0" };
const MERGE = { ...BY, "content-type": "application/merge-patch+json" };

/** Where objects are found. */
export const PATHS = {
  node: (name: string) => `/apis/sei.io/v1alpha1/namespaces/sei/seinodes/${name}`,
  set: (name: string) => `/apis/apps/v1/namespaces/sei/statefulsets/${name}`,
  pod: (name: string) => `/api/v1/namespaces/sei/pods/${name}-0`,
  claim: (name: string) => `/api/v1/namespaces/sei/persistentvolumeclaims/data-${name}`,
  service: (name: string) => `/api/v1/namespaces/sei/services/${name}`,
  lease: (name: string) => `/apis/coordination.k8s.io/v1/namespaces/tide/leases/${name}`,
} as const;

/** What an operator can do. Each resolves with the status of the reply. */
export class Operator {
  readonly #sim: SimCluster;

  constructor(sim: SimCluster) {
    this.#sim = sim;
  }

  async read<T>(path: string): Promise<T | null> {
    const { status, body } = await this.#sim.api.request({ method: "GET", path, headers: BY }, LIMITS);
    return status === 200 ? takenAs<T>(JSON.parse(new TextDecoder().decode(body))) : null;
  }

  merge(path: string, body: JsonObject): Promise<number> {
    return this.#send({ method: "PATCH", path, headers: MERGE, body: JSON.stringify(body) });
  }

  remove(path: string, options: JsonObject = {}): Promise<number> {
    return this.#send({ method: "DELETE", path, headers: BY, body: JSON.stringify(options) });
  }

  create(path: string, body: JsonObject): Promise<number> {
    const headers = { ...BY, "content-type": "application/json" };
    return this.#send({ method: "POST", path: path.replace(/\/[^/]+$/, ""), headers, body: JSON.stringify(body) });
  }

  status(node: string, status: JsonObject | null): Promise<number> {
    return this.merge(`${PATHS.node(node)}/status`, { status });
  }

  annotate(node: string, annotations: JsonObject): Promise<number> {
    return this.merge(PATHS.node(node), { metadata: { annotations } });
  }

  /** Kills the Pod at once, as an eviction that has lost patience. */
  killPod(node: string): Promise<number> {
    return this.remove(PATHS.pod(node), { gracePeriodSeconds: 0 });
  }

  /** The claim goes, in whatever use it is, and one with the same words is made: blank. */
  async replaceClaim(node: string): Promise<void> {
    const path = PATHS.claim(node);
    const old = await this.read<{ metadata: JsonObject; spec: JsonObject }>(path);
    if (old === null) return;
    await this.merge(path, { metadata: { finalizers: null } });
    await this.remove(path);
    const { labels = {}, ownerReferences = [], name = "" } = old.metadata;
    const { volumeName: _volume, ...spec } = old.spec;
    await this.create(path, { metadata: { name, labels, ownerReferences }, spec });
  }

  /** Pod and claim of the same names, the claim blank. */
  async replaceVolume(node: string): Promise<void> {
    await this.replaceClaim(node);
    await this.killPod(node);
  }

  /** `kubectl set image pod/…`. */
  async setPodImage(node: string, image: string): Promise<void> {
    const pod = await this.read<{ spec: { containers: readonly JsonObject[] } }>(PATHS.pod(node));
    const containers = (pod?.spec.containers ?? []).map((one) => (one["name"] === "seid" ? { ...one, image } : one));
    if (containers.length > 0) await this.merge(PATHS.pod(node), { spec: { containers } });
  }

  /** `kubectl rollout restart`. */
  restart(node: string, word: string): Promise<number> {
    const annotations = { "kubectl.kubernetes.io/restartedAt": word };
    return this.merge(PATHS.set(node), { spec: { template: { metadata: { annotations } } } });
  }

  /** The template is edited: the home is no longer on the claim. */
  homeElsewhere(node: string): Promise<number> {
    const spare = { name: "spare", persistentVolumeClaim: { claimName: `data-${node}` } };
    const volumes = [{ name: "data", emptyDir: {} }, spare];
    return this.merge(PATHS.set(node), { spec: { template: { spec: { volumes } } } });
  }

  async #send(request: HttpRequest): Promise<number> {
    return (await this.#sim.api.request(request, LIMITS)).status;
  }
}
