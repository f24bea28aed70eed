// Finds the signatures that the first payload of a direction fits. All patterns are one table: the byte at each offset that
// any pattern begins at chooses the few that are compared. Built once a packet worker; asked once for each direction of a
// session; allocates nothing but for regular expressions.

import type { Direction } from '../contract.ts';
import { formsOf, type PayloadCondition } from '../payload-condition.ts';
import { regexBytes, type Signature } from './signature.ts';

/** A signature as the matcher reads it: of one shape, whatever it says. */
class Candidate {
  readonly signature: Signature;
  /** -1: both. */
  readonly direction: number;
  readonly ports: readonly number[] | undefined;
  readonly least: number;
  readonly check: Signature['check'];
  readonly regex: RegExp | undefined;

  constructor(signature: Signature) {
    this.signature = signature;
    this.direction = signature.direction ?? -1;
    this.ports = signature.ports;
    this.least = signature.least ?? 0;
    this.check = signature.check;
    this.regex = signature.regex;
  }
}

interface Pattern {
  readonly candidate: Candidate;
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
  readonly byPort: ReadonlyMap<number, readonly Candidate[]>;
  readonly others: readonly Candidate[];
}

const transports = ['tcp', 'udp', 'sctp'] as const;

export class NameMatcher {
  readonly #signatures: readonly Signature[];
  readonly #tables: readonly Table[];

  constructor(signatures: readonly Signature[]) {
    this.#signatures = signatures;
    this.#tables = transports.map((transport) => tableOf(signatures.filter((each) => each.transports.includes(transport))));
  }

  /** What payload has to be like for `match` to find something: one of these. `transport` as there. */
  conditions(transport: number): PayloadCondition[] {
    const name = transports[transport] as (typeof transports)[number];
    return this.#signatures.filter((signature) => signature.transports.includes(name)).map(conditionOf);
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
        const { candidate, bytes: wanted } = patterns[position] as Pattern;
        if (from + at + wanted.length > to || !isSame(wanted, bytes, from + at)) continue;
        if (fits(candidate, direction, bytes, from, to, clientPort, serverPort)) found(candidate.signature);
      }
    }
    tellFitting(others, direction, bytes, from, to, clientPort, serverPort, found);
    tellFitting(byPort.get(serverPort), direction, bytes, from, to, clientPort, serverPort, found);
    if (clientPort < serverPort) tellFitting(byPort.get(clientPort), direction, bytes, from, to, clientPort, serverPort, found);
  }
}

function conditionOf({ least, ports, at, bytes, forms }: Signature): PayloadCondition {
  return {
    least: least ?? 0,
    at: at ?? 0,
    forms: formsOf(forms),
    ...(ports === undefined ? {} : { ports: [...ports] }),
    ...(bytes === undefined ? {} : { patterns: [bytes].flat().map((text) => Buffer.from(text, 'latin1')) }),
  };
}

function tellFitting(
  candidates: readonly Candidate[] | undefined,
  direction: Direction,
  bytes: Buffer,
  from: number,
  to: number,
  clientPort: number,
  serverPort: number,
  found: (signature: Signature) => void,
): void {
  if (candidates === undefined) return;
  for (let index = 0; index < candidates.length; index += 1) {
    const candidate = candidates[index] as Candidate;
    if (fits(candidate, direction, bytes, from, to, clientPort, serverPort)) found(candidate.signature);
  }
}

function isSame(wanted: Buffer, bytes: Buffer, from: number): boolean {
  for (let index = 1; index < wanted.length; index += 1) if (wanted[index] !== bytes[from + index]) return false;
  return true;
}

function fits(
  candidate: Candidate,
  direction: Direction,
  bytes: Buffer,
  from: number,
  to: number,
  clientPort: number,
  serverPort: number,
): boolean {
  const { ports, regex, check } = candidate;
  if (candidate.direction >= 0 && candidate.direction !== direction) return false;
  if (ports !== undefined && !ports.includes(serverPort) && !(clientPort <= serverPort && ports.includes(clientPort)))
    return false;
  if (to - from < candidate.least) return false;
  if (check !== undefined && !check(bytes, from, to)) return false;
  return regex === undefined || regex.test(bytes.toString('latin1', from, Math.min(to, from + regexBytes)));
}

function tableOf(signatures: readonly Signature[]): Table {
  const candidates = signatures.map((signature) => new Candidate(signature));
  const patterns = candidates.flatMap((candidate) => {
    const { at, bytes } = candidate.signature;
    return [bytes ?? []].flat().map((text) => ({ candidate, at: at ?? 0, bytes: Buffer.from(text, 'latin1') }));
  });
  const byPort = new Map<number, Candidate[]>();
  const others = candidates.filter(({ signature }) => signature.bytes === undefined);
  for (const candidate of others) {
    for (const port of new Set(candidate.ports)) byPort.set(port, [...(byPort.get(port) ?? []), candidate]);
  }
  const offsets = [...new Set(patterns.map(({ at }) => at))].sort((a, b) => a - b);
  return {
    columns: offsets.map((at) => {
      const byFirst: Pattern[][] = [];
      for (const { candidate, bytes } of patterns.filter((pattern) => pattern.at === at)) {
        const first = bytes[0] as number;
        byFirst[first] ??= [];
        (byFirst[first] as Pattern[]).push({ candidate, bytes });
      }
      return { at, byFirst };
    }),
    byPort,
    others: others.filter(({ ports }) => ports === undefined),
  };
}
