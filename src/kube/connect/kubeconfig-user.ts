/** Who a kubeconfig says we are. */
import { type Connection, type ConnectionPorts, fileToken } from "./connection.ts";
import { ConnectionError } from "./connection-error.ts";
import { invalidError, listOf, memberOf, type Place, textOrNull, unsupportedError } from "./kubeconfig.ts";
import { fileText, resolvePath } from "./kubeconfig-tls.ts";

/**
 * What a user's entry is found to hold. As kubectl does, a token, a password or a client certificate goes before a
 * program, which is then never run; a token and a password are one too many.
 */
export function identityOf(user: Place): { readonly runsProgram: boolean; readonly warnings: readonly string[] } {
  const has = (...names: string[]): boolean => names.some((name) => textOrNull(user.body, name) !== null);
  const given = [
    ...(has("token", "tokenFile") ? ["token"] : []),
    ...(has("username", "password") ? ["username"] : []),
    ...(has("client-certificate", "client-certificate-data") ? ["client-certificate"] : []),
  ];
  if (given[0] === "token" && given[1] === "username") {
    throw invalidError(`${user.label}: got token and username, want one of them`);
  }
  if (has("password") && !has("username"))
    throw invalidError(`${user.label}: got password without username, want both`);
  const hasProgram = memberOf(user.body, "exec") !== null;
  authProvider(user);
  const runsProgram = hasProgram && given.length === 0;
  const isKeyLone = has("client-key", "client-key-data") && !given.includes("client-certificate");
  const warnings = [
    ...(isKeyLone ? [`${user.label}: client-key is passed over, since there is no client-certificate`] : []),
    ...(hasProgram && !runsProgram
      ? [`${user.label}: exec is passed over, since ${given.join(" and ")} is given`]
      : []),
  ];
  return { runsProgram, warnings };
}

function authProvider(user: Place): void {
  const provider = memberOf(user.body, "auth-provider");
  const name = textOrNull(provider, "name");
  if (name === null) return;
  const why =
    name === "oidc" ? "auth-provider oidc is not supported" : `auth-provider ${name} was removed from Kubernetes`;
  const hint = name === "oidc" ? "such as `kubectl oidc-login get-token`" : "that your vendor offers";
  throw unsupportedError(`${user.label}: ${why}. Use an exec plugin ${hint}`);
}

/** The `Authorization` header of a user without a program. A token beside its file is what holds until there is one. */
export async function authorizationOf(user: Place, ports: ConnectionPorts): Promise<Connection["authorization"]> {
  const token = textOrNull(user.body, "token");
  const file = textOrNull(user.body, "tokenFile");
  const name = textOrNull(user.body, "username");
  if (file !== null) {
    // Without its token the program would go on as nobody.
    if (token === null) {
      const text = await fileText(user, { name: "tokenFile", path: file }, ports);
      if (text.trim() === "")
        throw invalidError(`${user.label}: tokenFile: ${resolvePath(user, file)} is empty, want a token`);
    }
    return fileToken(resolvePath(user, file), ports, token);
  }
  if (token !== null) return async () => `Bearer ${token}`;
  if (name === null) return async () => null;
  const basic = new TextEncoder().encode(`${name}:${textOrNull(user.body, "password") ?? ""}`).toBase64();
  return async () => `Basic ${basic}`;
}

/** Headers that say as whom the requests are to be treated. */
export function impersonation(user: Place): Connection["headers"] {
  const as = textOrNull(user.body, "as");
  const uid = textOrNull(user.body, "as-uid");
  const groups = listOf(user.body, "as-groups", user.label);
  const extra = extraOf(user);
  const [lonely] = [
    ...(uid === null ? [] : ["as-uid"]),
    ...(groups.length === 0 ? [] : ["as-groups"]),
    ...(Object.keys(extra).length === 0 ? [] : ["as-user-extra"]),
  ];
  if (as === null && lonely !== undefined)
    throw invalidError(`${user.label}: got ${lonely} without as, want the user too`);
  if (as === null) return {};
  return {
    "impersonate-user": as,
    ...(uid === null ? {} : { "impersonate-uid": uid }),
    ...(groups.length === 0 ? {} : { "impersonate-group": groups }),
    ...extra,
  };
}

function extraOf(user: Place): Readonly<Record<string, readonly string[]>> {
  const extra = memberOf(user.body, "as-user-extra");
  if (extra === null) return {};
  if (typeof extra !== "object" || Array.isArray(extra)) {
    throw invalidError(`${user.label}: as-user-extra: got something else, want a mapping of lists`);
  }
  const entries = Object.keys(extra).map(
    (key) => [`impersonate-extra-${headerName(key)}`, listOf(extra, key, `${user.label}: as-user-extra`)] as const,
  );
  return Object.fromEntries(entries.filter(([, values]) => values.length > 0));
}

/** A key as part of a header's name; the API server reads `%` and two digits back. */
function headerName(key: string): string {
  return [...new TextEncoder().encode(key)]
    .map((byte) => {
      const char = String.fromCodePoint(byte);
      return /[!#$&'*+.^_`|~0-9a-zA-Z-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

/** A password over http would be anybody's to read; kubectl leaves credentials out there, which ends in a 401. */
export function refuseClearText(label: string, origin: string): never {
  throw new ConnectionError(
    "TOKEN_OVER_HTTP",
    `${label}: server ${origin}: a token would travel in clear text. Use https`,
  );
}
