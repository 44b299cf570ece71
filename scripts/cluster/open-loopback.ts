/**
 * `bun scripts/cluster/open-loopback.ts NETWORK NETMASK`: brings `lo` up and answers every address of NETWORK on it.
 *
 * For machines without `ip`: the ioctls of netdevice(7), which have no door in Bun or Node. An address of the
 * loopback brings its whole network with it, as 127.0.0.1 does.
 */
import { dlopen, ptr } from "bun:ffi";

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914;
const SIOCSIFADDR = 0x8916;
const SIOCSIFNETMASK = 0x891c;
const IFF_UP = 1;

const [network = "", netmask = ""] = process.argv.slice(2);
if (network === "" || netmask === "") throw new Error("open-loopback: want NETWORK and NETMASK");

const libc = dlopen("libc.so.6", {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
});
const socket = libc.symbols.socket(AF_INET, SOCK_DGRAM, 0);

const up = interfaceRequest("lo");
up.writeInt16LE(IFF_UP, 16);
control("bring lo up", SIOCSIFFLAGS, up);
control(`give lo ${network}`, SIOCSIFADDR, withAddress("lo:0", network));
control(`give lo ${netmask}`, SIOCSIFNETMASK, withAddress("lo:0", netmask));

/** `struct ifreq`: the name, then 24 bytes that depend on the request. */
function interfaceRequest(name: string): Buffer {
  const request = Buffer.alloc(40);
  request.write(name, 0, "latin1");
  return request;
}

function withAddress(name: string, address: string): Buffer {
  const request = interfaceRequest(name);
  request.writeInt16LE(AF_INET, 16);
  request.set(address.split(".").map(Number), 20);
  return request;
}

function control(what: string, code: number, request: Buffer): void {
  if (libc.symbols.ioctl(socket, code, ptr(request)) !== 0) throw new Error(`open-loopback: could not ${what}`);
}
