/** X.509 certificates for the test cluster: a private CA, and what it signs. */
import { KeyObject } from "node:crypto";
import { isIP } from "node:net";
// Before @peculiar/x509, whose parts find each other through it.
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A key with its certificate; `certificatePem` and `keyPem` are what files hold. */
export interface Identity {
  /** Whose it is; the issuer in what it signs. */
  readonly subject: Name;
  /** What it signs with. */
  readonly key: CryptoKey;
  readonly keyPem: string;
  readonly certificatePem: string;
}

/** What a certificate says. */
export interface CertificateRequest {
  /** Common name: the user, for Kubernetes. */
  readonly name: string;
  /** Organisation: the group, for Kubernetes. */
  readonly group?: string;
  /** DNS names and addresses a server answers to. */
  readonly hosts?: readonly string[];
  readonly days: number;
  /** Null = signs itself and may sign others. */
  readonly issuer: Identity | null;
  /** May sign others though it does not sign itself. */
  readonly isIntermediate?: boolean;
}

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A fresh P-256 key and its certificate. */
export async function certificate(request: CertificateRequest): Promise<Identity> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const subject = new Name(subjectOf(request));
  const notBefore = new Date(Date.now() - 60_000);
  const whole = await X509CertificateGenerator.create({
    subject,
    issuer: request.issuer?.subject ?? subject,
    notBefore,
    notAfter: new Date(notBefore.getTime() + request.days * 86_400_000),
    publicKey,
    signingKey: request.issuer?.key ?? privateKey,
    signingAlgorithm: P256,
    extensions: extensionsOf(request),
  });
  return {
    subject,
    key: privateKey,
    keyPem: KeyObject.from(privateKey).export({ type: "sec1", format: "pem" }),
    // Without its own end of line two of them could not be put one after the other.
    certificatePem: `${whole.toString("pem")}\n`,
  };
}

/** As values, not as text: in `O=a,CN=b` a name with a comma would be two. */
function subjectOf({ name, group }: CertificateRequest): JsonName {
  return group === undefined ? [{ CN: [name] }] : [{ O: [group] }, { CN: [name] }];
}

function extensionsOf(request: CertificateRequest): Extension[] {
  if (request.issuer === null || request.isIntermediate === true) {
    return [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ];
  }
  const list: Extension[] = [new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth])];
  if (request.hosts !== undefined) {
    const names = request.hosts.map((value) => ({
      type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const),
      value,
    }));
    list.push(new SubjectAlternativeNameExtension(names));
  }
  return list;
}
