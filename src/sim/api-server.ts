/** The simulated API server: requests in, replies or watches out. No lag or fault of its own. */
import { type HttpRequest, isObject, type Json, type JsonObject } from "../base/index.ts";
import {
  type ApiReply,
  badRequest,
  failure,
  methodNotAllowed,
  notFound,
  unknownPath,
  unsupportedMedia,
} from "./api-reply.ts";
import { textIn } from "./json-path.ts";
import { list } from "./list.ts";
import type { Author } from "./managed-fields.ts";
import { type Resource, resources } from "./resource.ts";
import { type Route, routeOf } from "./route.ts";
import { create, mergePatch, remove, replace, serverSideApply, type WriteContext, type WriteTarget } from "./write.ts";

type ObjectRoute = Extract<Route, { kind: "object" }>;

/** Answers one request that is neither a watch nor a proxy call. */
export function serve(context: WriteContext, route: Route, request: HttpRequest): ApiReply {
  switch (route.kind) {
    case "object":
      return serveObject(context, route, request);
    case "accessReview": {
      const review = parseBody(request);
      if (review === null) return badRequest("the object provided is unrecognized");
      return { status: 201, body: { ...review, status: { allowed: true, reason: "simulated cluster" } } };
    }
    case "health":
      return { status: 200, body: "ok" };
    case "version":
      return { status: 200, body: { major: "1", minor: "37", gitVersion: "v1.37.2", platform: "simulated" } };
    case "discovery":
      return discovery(route.group, route.version);
    case "proxy":
    case "unknown":
      return unknownPath();
  }
}

/** True when the request opens a watch. */
export function isWatch(request: HttpRequest): boolean {
  const route = routeOf(request.path);
  return route.kind === "object" && request.method === "GET" && ["true", "1"].includes(route.query.get("watch") ?? "");
}

function discovery(group: string, version: string): ApiReply {
  const served = resources.filter((one) => one.group === group && one.version === version);
  if (served.length === 0) return unknownPath();
  const groupVersion = group === "" ? version : `${group}/${version}`;
  const verbs = ["create", "delete", "get", "list", "patch", "update", "watch"];
  const entry = (one: Resource): JsonObject[] => [
    { name: one.plural, singularName: one.kind.toLowerCase(), namespaced: !one.isClusterWide, kind: one.kind, verbs },
    ...(one.hasStatus
      ? [
          {
            name: `${one.plural}/status`,
            singularName: "",
            namespaced: !one.isClusterWide,
            kind: one.kind,
            verbs: ["get", "patch", "update"],
          },
        ]
      : []),
  ];
  return {
    status: 200,
    body: { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources: served.flatMap(entry) },
  };
}

function serveObject(context: WriteContext, route: ObjectRoute, request: HttpRequest): ApiReply {
  const { resource, name, query } = route;
  const namespace = resource.isClusterWide ? "" : route.namespace;
  if (name === null && request.method === "GET") return list(context.store, resource, namespace, query);
  if (name === null) return namespace === null ? methodNotAllowed() : post(context, { ...route, namespace }, request);
  if (namespace === null) return unknownPath();
  const target = { resource, namespace, name };
  switch (request.method) {
    case "GET": {
      const body = context.store.get(resource, namespace, name);
      return body ? { status: 200, body } : notFound(resource, name);
    }
    case "DELETE":
      return remove(context, target, parseBody(request) ?? {});
    case "PUT": {
      const body = parseBody(request);
      return body === null ? unreadable() : replace(context, target, body, authorOf(context, route, request));
    }
    case "PATCH":
      return patch(context, route, target, request);
    case "POST":
      return methodNotAllowed();
  }
}

function post(
  context: WriteContext,
  route: ObjectRoute & { readonly namespace: string },
  request: HttpRequest,
): ApiReply {
  if (request.method !== "POST") return methodNotAllowed();
  const { resource, namespace } = route;
  const body = parseBody(request);
  if (body === null) return unreadable();
  return create(context, { resource, namespace, name: "" }, body, authorOf(context, route, request));
}

function patch(context: WriteContext, route: ObjectRoute, target: WriteTarget, request: HttpRequest): ApiReply {
  const type = (header(request, "content-type").split(";")[0] ?? "").trim();
  const body = parseBody(request);
  if (body === null) return unreadable();
  const author = authorOf(context, route, request);
  if (type === "application/merge-patch+json") return mergePatch(context, target, body, author);
  if (type !== "application/apply-patch+yaml") {
    return unsupportedMedia(["application/merge-patch+json", "application/apply-patch+yaml"]);
  }
  if (!route.query.get("fieldManager")) {
    const message = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch';
    return failure(422, "Invalid", message, { group: "meta.k8s.io", kind: "PatchOptions" });
  }
  const named = textIn(body, "metadata", "name");
  if (named !== target.name) {
    return badRequest(`the name of the object (${named}) does not match the name on the URL (${target.name})`);
  }
  const force = route.query.get("force") === "true";
  return serverSideApply(context, target, body, { author: { ...author, operation: "Apply" }, force });
}

function authorOf({ now }: WriteContext, route: ObjectRoute, request: HttpRequest): Author {
  const agent = (header(request, "user-agent").split("/")[0] ?? "") || "unknown";
  const manager = route.query.get("fieldManager") || agent;
  return { manager, operation: "Update", subresource: route.status ? "status" : null, time: now() };
}

/** A request header by its lower-case name; empty when absent. */
export function header(request: HttpRequest, name: string): string {
  const found = Object.entries(request.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found?.[1] ?? "";
}

function unreadable(): ApiReply {
  return badRequest("the object provided is unrecognized (must be of type JSON object)");
}

function parseBody(request: HttpRequest): JsonObject | null {
  if (request.body === undefined || request.body === "") return null;
  try {
    const value: Json = JSON.parse(request.body);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
