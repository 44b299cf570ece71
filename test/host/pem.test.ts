/** Certificates and keys in PEM texts. */
import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { certificate } from "../../scripts/cluster/certificate.ts";
import { certificateEnd, keyFits } from "../../src/host/pem.ts";

const DAY_MS = 86_400_000;
const authority = await certificate({ name: "ca", days: 10, issuer: null });
const user = await certificate({ name: "user", days: 2, issuer: authority });
const broken = "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n";

/** Whole days from now to the end of what a text holds; null when it holds none. */
function daysLeft(pem: string): number | null {
  const end = certificateEnd(pem);
  return end === null ? null : Math.round((end - Date.now()) / DAY_MS);
}

test.each([
  ["one certificate ends when it ends", user.certificatePem, 2],
  ["a chain ends with the first of it", authority.certificatePem + user.certificatePem, 2],
  ["text between the blocks is nothing", `# ca\n${authority.certificatePem}# end\n`, 10],
  ["no block", "no certificate", null],
  ["an empty text", "", null],
  ["a block that is none", broken, null],
  ["a chain with a block that is none", user.certificatePem + broken, null],
])("%s", (_title, pem, days) => {
  expect(daysLeft(pem)).toBe(days);
});

describe("a key", () => {
  const locked = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "x",
  });

  test.each<[string, string, string, ReturnType<typeof keyFits>]>([
    ["of the certificate fits", user.certificatePem, user.keyPem, "fits"],
    ["of another does not", user.certificatePem, authority.keyPem, "mismatch"],
    ["that is encrypted is told as such", user.certificatePem, locked, "encrypted"],
    ["in the old form too", user.certificatePem, "Proc-Type: 4,ENCRYPTED", "encrypted"],
    ["that is none cannot be used", user.certificatePem, "no key", "malformed"],
    ["without a certificate cannot be used", "none", user.keyPem, "malformed"],
  ])("%s", (_title, cert, key, want) => {
    expect(keyFits(cert, key)).toBe(want);
  });
});
