/** Where `run` listens: on every interface in a cluster, on loopback alone on a laptop. */
import type { ListenAddress } from "../config/index.ts";

/** The usual address of a port, and where we run. */
export interface BindPlace {
  /** What the flag comes to when nobody gives one. */
  readonly usual: ListenAddress | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly source: "in-cluster" | "kubeconfig";
}

/** Of a Pod: the first by our manifests, the second by every kubelet. */
const IN_POD = ["POD_NAME", "KUBERNETES_SERVICE_HOST"];

/** The address to listen on. One that somebody gave stays as it is: they mean it. */
export function bindAddress(given: ListenAddress | null, { usual, env, source }: BindPlace): ListenAddress | null {
  const isLaptop = source === "kubeconfig" && IN_POD.every((name) => (env[name] ?? "") === "");
  // The very object: `:8081` that was typed is another.
  return isLaptop && given !== null && given === usual ? { ...given, host: "127.0.0.1" } : given;
}
