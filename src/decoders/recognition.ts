// Which decoder a session belongs to: content first, ports as a hint. Built once a packet worker from the enabled
// decoders; asked with the first payload of each direction. It keeps nothing of a session and allocates nothing.

import { type DecoderDefinition, type Direction, probeLimitBytes, type Transport, Verdict } from './contract.ts';
import { anyPayload, formsOf, type PayloadCondition } from './payload-condition.ts';

/** Answers of `recognise` other than the index of a decoder. */
export const Recognition = { none: -1, wait: -2 } as const;

export interface EnabledDecoder {
  readonly definition: DecoderDefinition;
  /** The checked `[decoder.<name>]` table. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Ports from the config; default: those of the definition. */
  readonly ports?: readonly number[];
}

const transports: readonly Transport[] = ['tcp', 'udp', 'sctp', 'ip', 'ethernet'];
export const transportIndex: Readonly<Record<Transport, number>> = { tcp: 0, udp: 1, sctp: 2, ip: 3, ethernet: 4 };

export class Recognizer {
  readonly decoders: readonly EnabledDecoder[];
  /** By transport and first byte of the payload: indexes of the decoders that may want it. */
  readonly #candidates: readonly (readonly (readonly number[])[])[];
  /** What each decoder says of first bytes; read out of their definitions, which have many shapes. */
  readonly #probes: readonly DecoderDefinition['probe'][];
  /** Index of the decoder by number of the transport and IP protocol or EtherType. */
  readonly #byNumber: ReadonlyMap<number, number>;
  /** A bit for each port, by decoder. */
  readonly #ports: readonly Uint32Array[];

  constructor(decoders: readonly EnabledDecoder[]) {
    this.decoders = decoders;
    this.#candidates = transports.map((transport) => candidatesOf(decoders, transport));
    this.#probes = decoders.map(({ definition }) => definition.probe);
    this.#byNumber = new Map(
      decoders.flatMap(({ definition }, index) =>
        definition.transports
          .filter((transport) => transport === 'ip' || transport === 'ethernet')
          .flatMap((transport) =>
            (definition.numbers ?? []).map((number) => [transportIndex[transport] * 65_536 + number, index] as const),
          ),
      ),
    );
    this.#ports = decoders.map(({ definition, ports }) => {
      const bits = new Uint32Array(2048);
      for (const port of ports ?? definition.ports) bits[port >> 5] = (bits[port >> 5] as number) | (1 << (port & 31));
      return bits;
    });
  }

  /** Index of the decoder of an IP protocol (transport `ip`) or an EtherType (`ethernet`), -1 when there is none. */
  byNumber(transport: number, number: number): number {
    return this.#byNumber.get(transport * 65_536 + number) ?? -1;
  }

  /** All numbers that `byNumber` knows of a transport. */
  numbers(transport: number): number[] {
    return [...this.#byNumber.keys()].filter((key) => key >>> 16 === transport).map((key) => key & 0xffff);
  }

  /** Index of the decoder of that name, -1 when it is not enabled. */
  indexOf(name: string): number {
    return this.decoders.findIndex(({ definition }) => definition.name === name);
  }

  /** True when some decoder is for this transport (index as in `transportIndex`). */
  hasDecoders(transport: number): boolean {
    return (this.#candidates[transport] as readonly (readonly number[])[]).some((list) => list.length > 0);
  }

  /** What first payload of a transport has to be like for `recognise` to answer other than `none`: one of these. */
  conditions(transport: number): PayloadCondition[] {
    // Without decoders that probe, all are told by number.
    if (!this.hasDecoders(transport)) return [anyPayload];
    const name = transports[transport] as Transport;
    return this.decoders
      .filter(({ definition }) => definition.transports.includes(name))
      .map(({ definition: { firstBytes, forms, leastDatagram, waitsBelow, firstWord } }) => ({
        ...anyPayload,
        ...(name === 'udp' && leastDatagram !== undefined ? { least: leastDatagram } : {}),
        ...(firstBytes === undefined ? {} : { patterns: firstBytes.map((byte) => Buffer.of(byte)) }),
        forms: formsOf(forms),
        ...(name === 'tcp' && waitsBelow !== undefined ? { waitsBelow } : {}),
        ...(name === 'tcp' && firstWord !== undefined ? { word: firstWord } : {}),
      }));
  }

  /**
   * @param transport as in `transportIndex`
   * @param bytes the direction's payload from its start is `[from, to)`, at least one byte
   * @returns index in `decoders`; or `none`; or `wait`: keep the bytes and ask again with more of them, or for the
   *   other direction. A stream that is still ambiguous after `probeLimitBytes` is `none`.
   */
  recognise(
    transport: number,
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
    clientPort: number,
    serverPort: number,
  ): number {
    const candidates = (this.#candidates[transport] as readonly (readonly number[])[])[
      bytes[from] as number
    ] as readonly number[];
    let hinted = -1;
    let possible = -1;
    let possibleCount = 0;
    let pending = false;
    for (let position = 0; position < candidates.length; position += 1) {
      const index = candidates[position] as number;
      const probe = this.#probes[index] as DecoderDefinition['probe'];
      const verdict = probe(direction, bytes, from, to);
      if (verdict === Verdict.certain) return index;
      if (verdict === Verdict.no) continue;
      if (verdict === Verdict.needMore) {
        pending = true;
        continue;
      }
      if (hinted < 0 && (this.#isPort(index, serverPort) || this.#isPort(index, clientPort))) hinted = index;
      if (verdict === Verdict.faint) continue;
      possibleCount += 1;
      possible = index;
    }
    if (hinted >= 0) return hinted;
    if (possibleCount === 1 && !pending) return possible;
    if (!pending && possibleCount === 0) return Recognition.none;
    if (to - from < probeLimitBytes) return Recognition.wait;
    return possibleCount === 1 ? possible : Recognition.none;
  }

  #isPort(index: number, port: number): boolean {
    return (((this.#ports[index] as Uint32Array)[port >> 5] as number) & (1 << (port & 31))) !== 0;
  }
}

/** By first byte of the payload: indexes of the decoders of a transport that may want it, in their order. */
function candidatesOf(decoders: readonly EnabledDecoder[], transport: Transport): number[][] {
  const candidates: number[][] = Array.from({ length: 256 }, () => []);
  for (const [index, { definition }] of decoders.entries()) {
    if (!definition.transports.includes(transport)) continue;
    if (definition.firstBytes === undefined) for (const list of candidates) list.push(index);
    else for (const byte of new Set(definition.firstBytes)) candidates[byte]?.push(index);
  }
  return candidates;
}
