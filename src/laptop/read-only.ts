/** A door to the API server that lets questions through and nothing else: no command of this room can write by mistake. */
import type { ApiTransport, HttpRequest, HttpResponse } from "../base/index.ts";

/** Questions in the form of a write: they store nothing. */
const REVIEWS = /^\/apis\/(?:authorization|authentication)\.k8s\.io\/v1\/selfsubject\w*reviews(?:\?|$)/;

/** The same door for reading alone. `withheld` hears of each write that was asked for; its reply is a refusal, 403. */
export function readOnly(transport: ApiTransport, withheld: (request: HttpRequest) => void = () => {}): ApiTransport {
  const isQuestion = ({ method, path }: HttpRequest): boolean =>
    method === "GET" || (method === "POST" && REVIEWS.test(path));
  return {
    async request(request, limits) {
      if (isQuestion(request)) return transport.request(request, limits);
      withheld(request);
      return REFUSAL;
    },
    stream: (request, limits) => transport.stream({ ...request, method: "GET" }, limits),
  };
}

const REFUSAL: HttpResponse = {
  status: 403,
  headers: { "content-type": "application/json" },
  body: new TextEncoder().encode(
    JSON.stringify({ kind: "Status", status: "Failure", reason: "Forbidden", message: "this command only looks" }),
  ),
};
