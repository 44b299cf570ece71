/** What we build is held to the models of the Kubernetes client while it is compiled: a misspelt field does not pass. */
import { expect, test } from "bun:test";
import type {
  V1ClusterRole,
  V1Deployment,
  V1Job,
  V1PersistentVolumeClaim,
  V1Service,
  V1StatefulSet,
} from "@kubernetes/client-node";
import type { AsJson } from "../../../src/base/index.ts";
import { sourcesIn } from "../../house/sources.ts";

const service = { clusterIP: "None", selector: { a: "b" } };
const template = { spec: { containers: [] } };
const selector = { matchLabels: {} };

// Each of these compiles only because it is said to be wrong: were it let through, `tsc` would fail here.
const WRONG = [
  // @ts-expect-error -- publishNotReadyAddresses
  { spec: { ...service, publishNotReadyAdresses: true } } satisfies AsJson<V1Service>,
  // @ts-expect-error -- the port is a number
  { spec: { ...service, ports: [{ port: "80" }] } } satisfies AsJson<V1Service>,
  // @ts-expect-error -- updateStrategy
  { spec: { template, selector, serviceName: "a", updateStrategie: {} } } satisfies AsJson<V1StatefulSet>,
  // @ts-expect-error -- terminationGracePeriodSeconds
  { spec: { template: { spec: { containers: [], gracePeriod: 1 } } } } satisfies AsJson<V1Job>,
  // @ts-expect-error -- accessModes is a list
  { spec: { accessModes: "ReadWriteOnce" } } satisfies AsJson<V1PersistentVolumeClaim>,
  // @ts-expect-error -- verbs
  { rules: [{ apiGroups: [""], resources: ["pods"], verb: ["get"] }] } satisfies AsJson<V1ClusterRole>,
  // @ts-expect-error -- a Deployment has a selector
  { spec: { template, replicas: 2 } } satisfies AsJson<V1Deployment>,
];

test("lists may be read-only and times are texts, as JSON has them", () => {
  const job = {
    metadata: { creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { template: { spec: { containers: [] as const } } },
  } satisfies AsJson<V1Job>;
  expect([job, ...WRONG]).toHaveLength(WRONG.length + 1);
});

/** Every object that is built there, by the kind it says. */
const built = (await Promise.all(["src/seinode", "src/cli"].map(sourcesIn)))
  .flat()
  .flatMap(({ path, text }) =>
    [...text.matchAll(/\bapiVersion: [^,]+,\s*kind: "(\w+)"/g)].map(([, kind = ""]) => ({ path, text, kind })),
  );

test("there is something to look at", () => {
  expect(new Set(built.map(({ kind }) => kind)).size).toBeGreaterThan(9);
});

test.each(built)("$path holds a $kind to its model", ({ text, kind }) => {
  expect(text).toMatch(new RegExp(`satisfies (?:Omit<)?AsJson<V1${kind}>`));
});
