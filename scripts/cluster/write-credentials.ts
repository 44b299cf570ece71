/** `bun scripts/cluster/write-credentials.ts DIR SERVER`: a private CA and everything the test cluster signs with it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { certificate, type Identity } from "./certificate.ts";

const [dir = "", server = ""] = process.argv.slice(2);
if (dir === "" || server === "") throw new Error("write-credentials: want DIR and SERVER");

const DAYS = 2;
const certs = `${dir}/certs`;
mkdirSync(certs, { recursive: true });

const authority = await certificate({ name: "tidekeeper-test-ca", days: DAYS, issuer: null });
const apiserver = await certificate({
  name: "kube-apiserver",
  hosts: ["localhost", "kubernetes", "kubernetes.default.svc", "127.0.0.1", "10.96.0.1"],
  days: DAYS,
  issuer: authority,
});
const admin = await certificate({ name: "test-admin", group: "system:masters", days: DAYS, issuer: authority });
const serviceAccounts = await certificate({ name: "service-accounts", days: DAYS, issuer: authority });

save("ca", authority);
save("apiserver", apiserver);
save("admin", admin);
save("service-accounts", serviceAccounts);
writeFileSync(`${dir}/kubeconfig`, kubeconfig(admin), { mode: 0o600 });

function save(name: string, identity: Identity): void {
  writeFileSync(`${certs}/${name}.crt`, identity.certificatePem);
  writeFileSync(`${certs}/${name}.key`, identity.keyPem, { mode: 0o600 });
}

function kubeconfig(user: Identity): string {
  const data = (pem: string): string => Buffer.from(pem).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "certificate-authority-data": data(authority.certificatePem) } }],
    users: [
      {
        name: "admin",
        user: { "client-certificate-data": data(user.certificatePem), "client-key-data": data(user.keyPem) },
      },
    ],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin", namespace: "default" } }],
    "current-context": "test",
  });
}
