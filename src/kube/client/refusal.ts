/**
 * Who refused a request, by the API server's own words. A missing permission, a quota and a policy engine all say 403 (a
 * policy may say 400, 401, 413 or 422 as well), and each is mended by somebody else.
 */

/** `permission` = who asks may not do this at all; `other` = the object itself, or nobody that is known here. */
export type RefusedBy = "permission" | "quota" | "limit" | "policy" | "other";

const WORDS: readonly (readonly [RefusedBy, RegExp])[] = [
  ["policy", /admission webhook "[^"]*" denied|AdmissionPolicy '[^']*'.* denied request|violates PodSecurity/],
  ["quota", /exceeded quota:|failed quota:|insufficient quota/],
  [
    "limit",
    /\b(?:maximum|minimum) \S+ usage per (?:Pod|Container|PersistentVolumeClaim)|must specify (?:limits|requests)/,
  ],
  ["permission", /is forbidden: User "[^"]*" cannot |cannot set blockOwnerDeletion/],
];

/** Who refused it. */
export function refusedBy(message: string): RefusedBy {
  return WORDS.find(([, words]) => words.test(message))?.[0] ?? "other";
}

const TOLD: Readonly<Record<RefusedBy, string>> = {
  permission: "a permission is missing: ",
  quota: "over quota: ",
  limit: "a limit of the namespace: ",
  policy: "denied by a policy: ",
  other: "",
};

/** The words of the API server, with who refused put first where that is known. */
export function refusalInWords(message: string): string {
  return `${TOLD[refusedBy(message)]}${message}`;
}
