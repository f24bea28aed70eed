// Finds the signatures that the first payload of a direction fits. All patterns are one table: the byte at each offset that
// any pattern begins at chooses the few that are compared. Built once a packet worker; asked once for each direction of a
// session; allocates nothing but for regular expressions.

import type { Direction } from '../contract.ts';
import { regexBytes, type Signature } from './signature.ts';

interface Pattern {
  readonly signature: Signature;
  readonly bytes: Buffer;
}

/** Patterns that begin at one offset, by their first byte. */
interface Column {
  readonly at: number;
  readonly byFirst: readonly (readonly Pattern[] | undefined)[];
}

interface Table {
  readonly columns: readonly Column[];
  /** Signatures without bytes: by the ports that they want, and those for any port. */
  readonly byPort: ReadonlyMap<number, readonly Signature[]>;
  readonly others: readonly Signature[];
}

const transports = ['tcp', 'udp', 'sctp'] as const;

export class NameMatcher {
  readonly #tables: readonly Table[];

  constructor(signatures: readonly Signature[]) {
    this.#tables = transports.map((transport) => tableOf(signatures.filter((each) => each.transports.includes(transport))));
  }

  /**
   * Tells every signature that fits.
   * @param transport 0 TCP, 1 UDP, 2 SCTP
   * @param bytes the first payload of the direction is `[from, to)`
   */
  match(
    transport: number,
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
    clientPort: number,
    serverPort: number,
    found: (signature: Signature) => void,
  ): void {
    const { columns, others, byPort } = this.#tables[transport] as Table;
    for (let index = 0; index < columns.length; index += 1) {
      const { at, byFirst } = columns[index] as Column;
      if (from + at >= to) continue;
      const patterns = byFirst[bytes[from + at] as number];
      if (patterns === undefined) continue;
      for (let position = 0; position < patterns.length; position += 1) {
        const { signature, bytes: wanted } = patterns[position] as Pattern;
        if (from + at + wanted.length > to || !isSame(wanted, bytes, from + at)) continue;
        if (fits(signature, direction, bytes, from, to, clientPort, serverPort)) found(signature);
      }
    }
    tellFitting(others, direction, bytes, from, to, clientPort, serverPort, found);
    tellFitting(byPort.get(serverPort), direction, bytes, from, to, clientPort, serverPort, found);
    if (clientPort < serverPort) tellFitting(byPort.get(clientPort), direction, bytes, from, to, clientPort, serverPort, found);
  }
}

function tellFitting(
  signatures: readonly Signature[] | undefined,
  direction: Direction,
  bytes: Buffer,
  from: number,
  to: number,
  clientPort: number,
  serverPort: number,
  found: (signature: Signature) => void,
): void {
  if (signatures === undefined) return;
  for (let index = 0; index < signatures.length; index += 1) {
    const signature = signatures[index] as Signature;
    if (fits(signature, direction, bytes, from, to, clientPort, serverPort)) found(signature);
  }
}

function isSame(wanted: Buffer, bytes: Buffer, from: number): boolean {
  for (let index = 1; index < wanted.length; index += 1) if (wanted[index] !== bytes[from + index]) return false;
  return true;
}

function fits(
  signature: Signature,
  direction: Direction,
  bytes: Buffer,
  from: number,
  to: number,
  clientPort: number,
  serverPort: number,
): boolean {
  const { ports, least, regex, check } = signature;
  if (signature.direction !== undefined && signature.direction !== direction) return false;
  if (ports !== undefined && !ports.includes(serverPort) && !(clientPort <= serverPort && ports.includes(clientPort)))
    return false;
  if (least !== undefined && to - from < least) return false;
  if (check !== undefined && !check(bytes, from, to, [clientPort, serverPort])) return false;
  return regex === undefined || regex.test(bytes.toString('latin1', from, Math.min(to, from + regexBytes)));
}

function tableOf(signatures: readonly Signature[]): Table {
  const patterns = signatures.flatMap((signature) =>
    [signature.bytes ?? []].flat().map((text) => ({ signature, at: signature.at ?? 0, bytes: Buffer.from(text, 'latin1') })),
  );
  const byPort = new Map<number, Signature[]>();
  const others = signatures.filter((signature) => signature.bytes === undefined);
  for (const signature of others) {
    for (const port of new Set(signature.ports)) byPort.set(port, [...(byPort.get(port) ?? []), signature]);
  }
  const offsets = [...new Set(patterns.map(({ at }) => at))].sort((a, b) => a - b);
  return {
    columns: offsets.map((at) => {
      const byFirst: Pattern[][] = [];
      for (const { signature, bytes } of patterns.filter((pattern) => pattern.at === at)) {
        const first = bytes[0] as number;
        byFirst[first] ??= [];
        (byFirst[first] as Pattern[]).push({ signature, bytes });
      }
      return { at, byFirst };
    }),
    byPort,
    others: others.filter(({ ports }) => ports === undefined),
  };
}
