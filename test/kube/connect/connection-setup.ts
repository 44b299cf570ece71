/** A machine to connect from: files, environment, credential programs and a clock that a test sets. */
import type { ConnectionPorts, ExecReply } from "../../../src/kube/connect/connection.ts";
import { VirtualTime } from "../../fixtures/virtual-time.ts";

/** A certificate as the setup understands it: its text is the day on which it ends. */
export function aCertificate(end: string): string {
  return `-----BEGIN CERTIFICATE-----\n${end}\n-----END CERTIFICATE-----\n`;
}

/** A private key as the setup understands it: its text says how it fits. */
export function aKey(fit: "fits" | "mismatch" | "encrypted" | "malformed"): string {
  return `key that ${fit}`;
}

/** Base64 of a text, as the `-data` fields of a kubeconfig hold it. */
export function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** What a credential program prints when all is well. */
export function credential(status: Readonly<Record<string, unknown>>): ExecReply {
  const object = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
  return { code: 0, stdout: JSON.stringify(object), stderr: "", failure: null };
}

/** The message that an attempt is refused with; empty when it is not. */
export async function messageOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Everything a test may set and look at. */
export class ConnectionSetup {
  readonly time = new VirtualTime();
  /** Text by path; an `Error` is thrown when the file is read. */
  readonly files = new Map<string, string | Error>();
  readonly modes = new Map<string, number>();
  readonly runs: Parameters<ConnectionPorts["exec"]>[0][] = [];
  readonly isTerminal = { stdin: false, stderr: false };
  env: Record<string, string> = {};
  /** What the next runs of a program come to; the last one stands for all that follow. */
  replies: ExecReply[] = [];

  readonly ports: ConnectionPorts = {
    env: new Proxy<Record<string, string>>(
      {},
      {
        get: (_target, name) => this.env[String(name)],
        ownKeys: () => Object.keys(this.env),
        getOwnPropertyDescriptor: (_target, name) => ({
          value: this.env[String(name)],
          enumerable: true,
          configurable: true,
        }),
      },
    ),
    isTerminal: this.isTerminal,
    clock: this.time.clock,
    homeDirectory: "/home/me",
    readFile: async (path) => {
      const file = this.files.get(path) ?? null;
      if (file instanceof Error) throw file;
      return file;
    },
    fileMode: async (path) => (this.files.has(path) ? (this.modes.get(path) ?? 0o600) : null),
    exec: async (program) => {
      this.runs.push(program);
      const reply = this.replies.length > 1 ? this.replies.shift() : this.replies[0];
      return reply ?? { code: null, stdout: "", stderr: "", failure: "absent" };
    },
    certificateEnd: (pem) => {
      const ends = [...pem.matchAll(/BEGIN CERTIFICATE-----\n(.+)\n/g)].map(([, end]) => Date.parse(end ?? ""));
      const first = Math.min(...ends);
      return Number.isFinite(first) ? first : null;
    },
    keyFits: (_cert, key) => {
      const fits = (["fits", "mismatch", "encrypted"] as const).find((fit) => key === aKey(fit));
      return fits ?? "malformed";
    },
  };
}
