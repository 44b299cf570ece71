/** The doctor on the connection: where it leads, as whom, until when; whether the server answers, and its clock. */
import type { VersionInfo } from "@kubernetes/client-node";
import { field } from "../base/index.ts";
import { certificateEnd } from "../host/index.ts";
import { type Diagnosis, ok, problem, skipped, warning } from "./diagnosis.ts";
import { ageText } from "./age.ts";
import type { Reading } from "./reading.ts";
import { asked } from "./typed-apis.ts";

/** Tokens of an hour are ordinary. */
const SOON_MS = 10 * 60_000;

/** What the kubeconfig, or the Pod, says of the way and of us. */
export function connectionDiagnosis({ connection, namespace }: Pick<Reading, "connection" | "namespace">): Diagnosis {
  const { description, tls, proxy, source } = connection;
  const trust = tls.insecure
    ? "not verified"
    : tls.ca === null
      ? "trusted by the system's roots"
      : "trusted by a CA of its own";
  const where = namespace === null ? "every namespace" : `namespace ${namespace}`;
  const way = proxy === null ? "no proxy" : "through a proxy";
  const saw = `${description}; ${trust}, ${way}, ${source === "in-cluster" ? "as the Pod's service account, " : ""}${where}`;
  if (!tls.insecure) return ok("connection", saw);
  return warning("connection", saw, "Name the server's CA in the kubeconfig, and take insecure-skip-tls-verify out.");
}

/** Until when the credential is good, as far as it says so itself. */
export async function credentialDiagnosis(reading: Pick<Reading, "connection" | "world">): Promise<Diagnosis> {
  const name = "credential";
  const { connection, world } = reading;
  const header = await connection.authorization(false);
  const ends = [
    ["client certificate", connection.tls.cert === null ? null : certificateEnd(connection.tls.cert)],
    ["token", tokenEnd(header)],
  ] as const;
  const known = ends.flatMap(([what, end]) => (end === null ? [] : [{ what, end }]));
  const isNobody = header === null && connection.tls.cert === null;
  if (isNobody) {
    return warning(
      name,
      "there is none: the API server takes us for system:anonymous",
      "Give the kubeconfig's user a credential, or choose another --context.",
    );
  }
  const [first] = known.toSorted((one, other) => one.end - other.end);
  if (first === undefined) return ok(name, "a token that does not say when it ends");
  const left = first.end - world.clock.wall();
  const at = new Date(first.end).toISOString().slice(0, 19);
  if (left <= 0) return problem(name, `${first.what} ended ${ageText(-left)} ago, at ${at}Z`, RENEW);
  const saw = `${first.what} is good for ${ageText(left)}, until ${at}Z`;
  return left < SOON_MS
    ? warning(name, saw, "Renew it before then; a controller reads files and runs programs anew by itself.")
    : ok(name, saw);
}

const RENEW = "Renew it: log in again, or have a new kubeconfig written; or choose another --context.";

/** `exp` of a JSON web token; null for any other. */
function tokenEnd(header: string | null): number | null {
  const [, payload] = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/.exec(header ?? "") ?? [];
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const exp = field(claims, "exp");
    return typeof exp === "number" ? exp * 1000 : null;
  } catch {
    return null;
  }
}

/** Whether the server answers us, and whom it takes us for. */
export interface Answered {
  readonly diagnosis: Diagnosis;
  /** False: nothing else can be looked at. */
  readonly isAnswered: boolean;
  /** Null where the server does not tell. */
  readonly user: string | null;
}

const LEAST_MINOR = 29;

/** Asks for its version, and who we are. */
export async function serverDiagnosis(reading: Reading): Promise<Answered> {
  const name = "API server";
  const { authentication, version } = await reading.apis();
  const [told, self] = await Promise.all([
    asked(version.getCode()),
    asked(authentication.createSelfSubjectReview({ body: {} })),
  ]);
  const { origin } = reading.connection;
  // Its version is for anybody, so that a credential is refused only by the second.
  const fault = told.ok ? (self.ok || self.fault.status !== 401 ? null : self.fault) : told.fault;
  if (fault !== null) {
    const diagnosis = problem(name, `${origin}: ${fault.why}`, remedyOf(fault.status));
    return { diagnosis, isAnswered: false, user: null };
  }
  const user = self.ok ? (self.value.status?.userInfo?.username ?? null) : null;
  return { diagnosis: versionDiagnosis(told.ok ? told.value : {}, { origin, user }), isAnswered: true, user };
}

function remedyOf(status: number): string {
  if (status === 401) return RENEW;
  if (status !== 0) return "Is this the address of a Kubernetes API server, and is it well?";
  return "Is the API server up, and does this address lead to it? `kubectl config get-contexts` lists others; --context chooses one.";
}

function versionDiagnosis(
  { gitVersion = "unknown", major = "1", minor = "" }: Partial<VersionInfo>,
  { origin, user }: { readonly origin: string; readonly user: string | null },
): Diagnosis {
  const name = "API server";
  const saw = `${origin} is Kubernetes ${gitVersion}, and takes us for ${user ?? "somebody it does not name"}`;
  const isOld = Number(major) === 1 && Number.parseInt(minor, 10) < LEAST_MINOR;
  if (!isOld) return ok(name, saw);
  return problem(name, saw, `Upgrade it: Kubernetes 1.${LEAST_MINOR} and later are served.`);
}

const MOST_SKEW_MS = 5000;

/** Whether our clock and the API server's agree. */
export function clockDiagnosis({ aheadMs }: Pick<Reading, "aheadMs">): Diagnosis {
  const name = "clock";
  const ahead = aheadMs();
  if (ahead === null) return skipped(name, "the API server's replies carry no date");
  const by = `${(Math.abs(ahead) / 1000).toFixed(1)} s ${ahead > 0 ? "ahead of" : "behind"} the API server's`;
  if (Math.abs(ahead) <= MOST_SKEW_MS) return ok(name, `ours is ${by}, to the second`);
  return problem(
    name,
    `ours is ${by}, want ${MOST_SKEW_MS / 1000} s at most`,
    "Set it by NTP (timedatectl set-ntp true), here and where the controller runs: tokens, Leases and back-offs go by it.",
  );
}
