/** Certificates and keys in PEM texts, read without using them. */
import { createPrivateKey, X509Certificate } from "node:crypto";

/** Unix milliseconds at which the first certificate to end ends; null when the text holds none that can be read. */
export function certificateEnd(pem: string): number | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const ends = blocks.map(endOf).filter((end) => end !== null);
  return blocks.length === 0 || ends.length < blocks.length ? null : Math.min(...ends);
}

function endOf(pem: string): number | null {
  try {
    const end = Date.parse(new X509Certificate(pem).validTo);
    return Number.isNaN(end) ? null : end;
  } catch {
    return null;
  }
}

/** Whether a private key belongs to a certificate, or why it cannot be used. */
export function keyFits(cert: string, key: string): "fits" | "mismatch" | "encrypted" | "malformed" {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(key)) return "encrypted";
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? "fits" : "mismatch";
  } catch {
    return "malformed";
  }
}
