/** `bun scripts/cluster/is-ready.ts DIR SERVER`: exit 0 when the test cluster's API server says it is ready. */
import { readFileSync } from "node:fs";
import { get } from "node:https";

const [dir = "", server = ""] = process.argv.slice(2);
const file = (name: string): Buffer => readFileSync(`${dir}/certs/${name}`);

const request = get(
  `${server}/readyz`,
  { ca: file("ca.crt"), cert: file("admin.crt"), key: file("admin.key"), timeout: 2000 },
  (reply) => process.exit(reply.statusCode === 200 ? 0 : 1),
);
request.on("timeout", () => process.exit(1));
request.on("error", () => process.exit(1));
