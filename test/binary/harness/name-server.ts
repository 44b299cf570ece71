/** A DNS server for a handful of names, which remembers what it was asked. */

/** A running one. */
export interface NameServer {
  /** What was asked since the last call, sorted: getaddrinfo asks for both families at once. */
  takeQuestions(): readonly string[];
  stop(): void;
}

const HEADER_BYTES = 12;
const TYPE_A = 1;

/** Listens on port 53 of an address, since resolv.conf has no place for a port. Other names do not exist. */
export async function nameServer(hostname: string, names: Readonly<Record<string, string>>): Promise<NameServer> {
  let questions: string[] = [];
  const socket = await Bun.udpSocket({
    hostname,
    port: 53,
    socket: {
      data(from, data, port, address) {
        const { name, type, end } = questionOf(data);
        questions.push(`${name} ${type}`);
        from.send(answer(data.subarray(0, end), names[name], type), port, address);
      },
    },
  });
  return {
    takeQuestions() {
      const taken = questions.toSorted();
      questions = [];
      return taken;
    },
    stop: () => socket.close(),
  };
}

function questionOf(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString());
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answer(question: Buffer, address: string | undefined, type: number): Buffer {
  const reply = Buffer.from(question);
  const isFound = address !== undefined && type === TYPE_A;
  // An answer, recursion offered; 3 says that there is no such name.
  reply.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2);
  reply.writeUInt16BE(isFound ? 1 : 0, 6);
  // Neither authorities nor the additional record of the question.
  reply.writeUInt32BE(0, 8);
  if (!isFound) return reply;
  const record = Buffer.from([
    0xc0,
    HEADER_BYTES,
    0,
    TYPE_A,
    0,
    1,
    0,
    0,
    0,
    60,
    0,
    4,
    ...address.split(".").map(Number),
  ]);
  return Buffer.concat([reply, record]);
}
