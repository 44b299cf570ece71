/** What a Pod is given to speak to the API server: made by hand, so that it can be taken back. */
import type { AdminApi } from "../../cluster/harness/admin-api.ts";
import { takenAs } from "../../cluster/harness/taken-as.ts";

/** Where a Pod finds it. */
export const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/** A token of the controller's service account that is good until the Secret of this name is deleted. */
export async function boundToken(api: AdminApi, namespace: string, secret: string): Promise<string> {
  await api.apply({ apiVersion: "v1", kind: "Secret", metadata: { namespace, name: secret } });
  const reply = await api.request("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/tidekeeper/token`, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 3600, boundObjectRef: { apiVersion: "v1", kind: "Secret", name: secret } },
  });
  return takenAs<{ status: { token: string } }>(reply.json).status.token;
}

/** Requests that the API server did not believe, from anybody, so far. */
export async function refusals(api: AdminApi): Promise<number> {
  const { text } = await api.request("GET", "/metrics");
  return text
    .split("\n")
    .filter((line) => line.startsWith("authentication_attempts{") && !line.includes('result="success"'))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}
