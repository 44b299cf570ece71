/** The ports of `seid`. Source: the reference's sei-config. */

/** A port by the name it has in Pod and Service. */
export interface SeidPort {
  readonly name: string;
  readonly port: number;
  readonly appProtocol?: string;
}

/** In the order in which Pod and Service list them. */
export const SEID_PORTS: readonly SeidPort[] = [
  { name: "evm-rpc", port: 8545 },
  { name: "evm-ws", port: 8546 },
  { name: "grpc", port: 9090, appProtocol: "kubernetes.io/h2c" },
  { name: "rest", port: 1317 },
  { name: "p2p", port: 26656 },
  { name: "rpc", port: 26657 },
  { name: "metrics", port: 26660 },
];

/** Where `seid` tells how far behind it is. */
export const RPC_PORT = 26657;
