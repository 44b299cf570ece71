/** The HTTP agent of the OTLP exporter: our TLS, and the collector's answer in words. */
import { plainLine } from "../base/index.ts";
import { type Agent, type ClientRequest, type IncomingMessage, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { tlsOptions } from "../http/index.ts";

/** A collector's answer: its status, and the first of its words. */
export interface CollectorReply {
  readonly status: number;
  readonly words: string;
}

/** PEM texts; null = none, and then the roots the program was built with. */
export interface CollectorTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

const MAX_WORDS = 300;

/**
 * The agent of the exporter, which tells nobody what a collector answered: `onReply` hears it before the exporter does.
 * TLS is as towards the API server.
 */
export function collectorAgent(url: string, tls: CollectorTls, onReply: (reply: CollectorReply) => void): Agent {
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const agent =
    protocol === "http:"
      ? new HttpAgent({ keepAlive: true })
      : new HttpsAgent({ keepAlive: true, ...tlsOptions({ ...tls, serverName: null, insecure: false }, host) });
  return Object.assign(agent, { addRequest: listenTo(agent, onReply) });
}

type AddRequest = (this: unknown, request: ClientRequest, ...rest: readonly unknown[]) => unknown;

/** `addRequest` is where an agent is given each request. */
function listenTo(agent: Agent, onReply: (reply: CollectorReply) => void): AddRequest {
  const add: unknown = Reflect.get(agent, "addRequest");
  return (request, ...rest) => {
    request.on("response", (reply: IncomingMessage) => hear(reply, onReply));
    return typeof add === "function" ? Reflect.apply(add, agent, [request, ...rest]) : undefined;
  };
}

function hear(reply: IncomingMessage, onReply: (reply: CollectorReply) => void): void {
  let text = "";
  reply.on("data", (piece: Buffer) => {
    if (text.length < MAX_WORDS) text += piece.toString("utf8");
  });
  // In protobuf the words stand between a few bytes that are none.
  reply.on("end", () => {
    onReply({ status: reply.statusCode ?? 0, words: plainLine(text.replaceAll("\uFFFD", " "), MAX_WORDS) });
  });
}
