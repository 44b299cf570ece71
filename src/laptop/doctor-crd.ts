/** The doctor on the CRD: is it there, served, and of this version. */
import { field, isObject } from "../base/index.ts";
import { GROUP, PLURAL, VERSION } from "../model/index.ts";
import { seiNodeCrd } from "../seinode/crd/index.ts";
import { createClient } from "../kube/client/index.ts";
import { type Diagnosis, ok, problem, warning } from "./diagnosis.ts";
import type { Reading } from "./reading.ts";
import { asked } from "./typed-apis.ts";

const APPLY = "Apply that of this version: tidekeeper manifests | kubectl apply -f -";
const NAME = `${PLURAL}.${GROUP}`;

/** Looks at it; where that is forbidden, whether SeiNodes can be listed. */
export async function crdDiagnosis(reading: Reading): Promise<Diagnosis> {
  const { extensions } = await reading.apis();
  const crd = await asked(extensions.readCustomResourceDefinition({ name: NAME }));
  if (crd.ok) return judgedCrd(crd.value);
  if (crd.fault.status === 404) return missing(reading);
  const ref = { group: GROUP, version: VERSION, plural: PLURAL };
  const listed = await createClient(reading.api).get(
    reading.namespace === null ? ref : { ...ref, namespace: reading.namespace },
  );
  if (!listed.ok && listed.failure.kind === "notFound") return missing(reading);
  const saw = `${NAME} is served, and which version it is may not be looked at: ${crd.fault.why}`;
  return warning(
    "CRD",
    saw,
    `Ask somebody who may, or grant get on customresourcedefinitions.apiextensions.k8s.io. If it is old: ${APPLY}`,
  );
}

function missing({ connection }: Reading): Diagnosis {
  return problem(
    "CRD",
    `${NAME} is not there: ${connection.description}`,
    `Is this the right cluster? --context names another. If it is: ${APPLY}`,
  );
}

/** The one that is there, against that of this version. */
export function judgedCrd(found: unknown): Diagnosis {
  const versions = field(field(found, "spec"), "versions");
  const isOurs = (one: unknown): boolean => field(one, "name") === VERSION;
  const served = Array.isArray(versions) ? versions.find(isOurs) : undefined;
  if (served === undefined || field(served, "served") !== true) {
    return problem("CRD", `${NAME} does not serve ${VERSION}`, APPLY);
  }
  const lacking = lackingFields(schemaOf(ours()), schemaOf(served), "");
  const [first] = lacking;
  if (first === undefined) return ok("CRD", `${NAME} ${VERSION} is served, with every field of this version`);
  const more = lacking.length === 1 ? "" : ` and ${lacking.length - 1} more`;
  return problem(
    "CRD",
    `${NAME} is older than this program: it lacks ${first}${more}, so what is written there is dropped`,
    APPLY,
  );
}

function ours(): unknown {
  const versions = field(field(seiNodeCrd(), "spec"), "versions");
  return Array.isArray(versions) ? versions[0] : undefined;
}

function schemaOf(version: unknown): unknown {
  return field(field(version, "schema"), "openAPIV3Schema");
}

/** Fields that one schema has and the other lacks, as `status.outcomes`. */
function lackingFields(wanted: unknown, found: unknown, path: string): readonly string[] {
  const properties = field(wanted, "properties");
  const others = field(found, "properties");
  const own = isObject(properties) ? Object.keys(properties) : [];
  return own.flatMap((name) => {
    const at = path === "" ? name : `${path}.${name}`;
    const other = field(others, name);
    if (other === undefined) return path === "" ? [] : [at];
    const [schema, otherSchema] = [field(properties, name), other];
    return [
      ...lackingFields(schema, otherSchema, at),
      ...lackingFields(field(schema, "items"), field(otherSchema, "items"), `${at}[]`),
    ];
  });
}
