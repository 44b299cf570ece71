/** What the certificates of the tests say, as the runtime reads them: whose they are, whom they answer for, who signed them. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, test } from "bun:test";
import { certificate } from "../../scripts/cluster/certificate.ts";

const root = await certificate({ name: "root", days: 10, issuer: null });
const inter = await certificate({ name: "inter", days: 1, issuer: root, isIntermediate: true });
const hosts = ["localhost", "kubernetes.default.svc", "127.0.0.1", "fd00::1"];
const server = await certificate({ name: "server", hosts, days: 1, issuer: inter });
const user = await certificate({ name: "a, b=c+d/e", group: "system:masters", days: 2, issuer: root });
/** A certificate starts a minute ago, so this one ended before it was made. */
const ended = await certificate({ name: "ended", days: 30 / 86_400, issuer: root });

const read = ({ certificatePem }: { readonly certificatePem: string }): X509Certificate =>
  new X509Certificate(certificatePem);

describe("certificate", () => {
  test.each([
    ["one without an issuer signs itself", root, root, true],
    ["an intermediate is signed and may sign", inter, root, true],
    ["a server's may not sign", server, inter, false],
    ["a user's may not sign", user, root, false],
  ])("%s", (_title, identity, issuer, mayCertify) => {
    const own = read(identity);
    expect(own.verify(read(issuer).publicKey)).toBe(true);
    expect(own.verify(read(user).publicKey)).toBe(false);
    expect(own.issuer).toBe(read(issuer).subject);
    expect(own.ca).toBe(mayCertify);
  });

  test("each has a key of its own, P-256, and its key fits", () => {
    for (const identity of [root, inter, server, user]) {
      const key = createPrivateKey(identity.keyPem);
      expect([key.asymmetricKeyType, key.asymmetricKeyDetails?.namedCurve]).toEqual(["ec", "prime256v1"]);
      expect(read(identity).checkPrivateKey(key)).toBe(true);
      expect(identity.keyPem).toStartWith("-----BEGIN EC PRIVATE KEY-----\n");
    }
    expect(new Set([root, inter, server, user].map(({ keyPem }) => keyPem)).size).toBe(4);
    expect(new Set([root, inter, server, user].map((one) => read(one).serialNumber)).size).toBe(4);
  });

  test("a server answers to its names and addresses, and to no other", () => {
    const own = read(server);
    for (const name of ["localhost", "kubernetes.default.svc"]) expect(own.checkHost(name)).toBe(name);
    for (const address of ["127.0.0.1", "fd00::1"]) expect(own.checkIP(address)).toBe(address);
    expect(own.checkHost("server", { subject: "never" })).toBeUndefined();
    expect(own.checkHost("elsewhere.example")).toBeUndefined();
    expect(own.checkIP("127.0.0.2")).toBeUndefined();
  });

  test("without hosts there is a common name and no other", () => {
    expect(read(user).subjectAltName).toBeUndefined();
  });

  test("what is signed serves and asks", () => {
    for (const identity of [server, user]) {
      expect(read(identity).keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    }
  });

  test("user and group stand in the subject, letter by letter", () => {
    expect(read(user).toLegacyObject().subject).toMatchObject({ O: "system:masters", CN: "a, b=c+d/e" });
  });

  test("it is valid from a minute ago for the days asked for", () => {
    const own = read(user);
    const from = Date.parse(own.validFrom);
    expect(Date.parse(own.validTo) - from).toBe(2 * 86_400_000);
    expect(Math.abs(Date.now() - 60_000 - from)).toBeLessThan(10_000);
    expect(Date.parse(read(ended).validTo)).toBeLessThan(Date.now());
  });

  test("texts of several make one text", () => {
    expect(root.certificatePem).toEndWith("-----END CERTIFICATE-----\n");
  });
});
