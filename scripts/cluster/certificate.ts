/** X.509 certificates for the test cluster: a private CA, and what it signs. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { der, integer, objectId, sequence, text, time } from "./der.ts";

/** A key with its certificate; `certificatePem` and `keyPem` are what files hold. */
export interface Identity {
  readonly name: string;
  readonly key: KeyObject;
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

const ECDSA_SHA256 = objectId("1.2.840.10045.4.3.2");

/** A fresh P-256 key and its certificate. */
export function certificate(request: CertificateRequest): Identity {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = request.issuer?.key ?? privateKey;
  const from = new Date(Date.now() - 60_000);
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    sequence(ECDSA_SHA256),
    request.issuer === null ? subject(request.name, request.group) : subject(request.issuer.name),
    sequence(time(from), time(new Date(from.getTime() + request.days * 86_400_000))),
    subject(request.name, request.group),
    createPublicKey(privateKey).export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions(request))),
  );
  const signature = sign("sha256", body, signer);
  const whole = sequence(body, sequence(ECDSA_SHA256), der(0x03, Buffer.from([0]), signature));
  return {
    name: request.name,
    key: privateKey,
    keyPem: privateKey.export({ type: "sec1", format: "pem" }),
    certificatePem: pem(whole),
  };
}

function subject(name: string, group?: string): Uint8Array {
  const attribute = (id: string, value: string): Uint8Array => der(0x31, sequence(objectId(id), text(value)));
  return group === undefined
    ? sequence(attribute("2.5.4.3", name))
    : sequence(attribute("2.5.4.10", group), attribute("2.5.4.3", name));
}

function extensions(request: CertificateRequest): Uint8Array[] {
  const yes = der(0x01, Buffer.from([0xff]));
  if (request.issuer === null || request.isIntermediate === true) {
    return [
      sequence(objectId("2.5.29.19"), yes, der(0x04, sequence(yes))),
      // keyCertSign and cRLSign
      sequence(objectId("2.5.29.15"), yes, der(0x04, der(0x03, Buffer.from([1, 0x06])))),
    ];
  }
  const usages = sequence(objectId("1.3.6.1.5.5.7.3.1"), objectId("1.3.6.1.5.5.7.3.2"));
  const list = [sequence(objectId("2.5.29.37"), der(0x04, usages))];
  if (request.hosts !== undefined) {
    const names = sequence(...request.hosts.map(generalName));
    list.push(sequence(objectId("2.5.29.17"), der(0x04, names)));
  }
  return list;
}

function generalName(host: string): Uint8Array {
  return isIP(host) === 4 ? der(0x87, Buffer.from(host.split(".").map(Number))) : der(0x82, Buffer.from(host));
}

function pem(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
