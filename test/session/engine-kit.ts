// An engine with a sink that remembers and a decoder that does as a test says, for the session tests.

import { Type } from 'typebox';
import {
  type Decoder,
  type DecoderContext,
  type DecoderDefinition,
  type Direction,
  Recognizer,
  type Transport,
  Verdict,
} from '../../src/decoders/index.ts';
import type { SessionEnd, SessionFacts, SessionField } from '../../src/record/index.ts';
import {
  defaultSessionConfig,
  type SessionConfig,
  SessionEngine,
  type SessionEngineOptions,
  type SessionRules,
  sessionCounters,
} from '../../src/session/index.ts';
import { RingFeeder } from './ring-feeder.ts';

/** What a sink heard of a session, copied out of the view. */
export function copyFacts(facts: SessionFacts, fields: readonly SessionField[] = []) {
  const both = (read: (direction: 0 | 1) => number): readonly [number, number] => [read(0), read(1)];
  return {
    id: facts.id,
    source: `${facts.sourceAddress}:${facts.sourcePort}`,
    destination: `${facts.destinationAddress}:${facts.destinationPort}`,
    protocol: facts.protocol,
    startUs: facts.startUs,
    lastUs: facts.lastUs,
    packets: both((direction) => facts.packets(direction)),
    bytes: both((direction) => facts.bytes(direction)),
    payload: both((direction) => facts.payloadBytes(direction)),
    gaps: both((direction) => facts.gapBytes(direction)),
    retransmitted: both((direction) => facts.retransmittedPackets(direction)),
    outOfOrder: both((direction) => facts.outOfOrderPackets(direction)),
    flags: both((direction) => facts.tcpFlags(direction)),
    ttl: both((direction) => facts.ttl(direction)),
    macs: [facts.sourceMac, facts.destinationMac],
    vlanIds: facts.vlanIds,
    tunnels: facts.tunnels,
    handshakeUs: facts.handshakeUs,
    state: facts.tcpState,
    midstream: facts.midstream,
    protocols: [...facts.protocols],
    end: facts.end,
    part: facts.part,
    communityId: facts.communityId,
    notes: fields.map((field) => {
      const text = facts.noted(field);
      return text === undefined ? [] : [JSON.parse(Buffer.from(text.bytes.subarray(text.from, text.to)).toString())].flat();
    }),
  };
}

export type CopiedFacts = ReturnType<typeof copyFacts>;

/** How the test's decoder behaves; everything has a default. */
export interface Script {
  readonly name?: string;
  readonly transports?: readonly Transport[];
  readonly ports?: readonly number[];
  readonly firstBytes?: readonly number[];
  readonly probe?: (direction: Direction, text: string) => Verdict;
  /** Answer of `data`; `text` is what was given. */
  readonly data?: (direction: Direction, text: string, context: DecoderContext, from: number) => number;
  readonly gap?: (direction: Direction, length: number) => boolean;
}

/** A decoder definition that writes down all calls in `log`: `data 0 hello`, `gap 1 5`, `skipped 0 10 2`, `finished 0`, `end fin`. */
export function scripted(log: string[], script: Script = {}): DecoderDefinition {
  const prefix = script.name === undefined ? '' : `${script.name}: `;
  return {
    name: script.name ?? 'tape',
    title: 'Tape',
    transports: script.transports ?? ['tcp'],
    ports: script.ports ?? [],
    ...(script.firstBytes === undefined ? {} : { firstBytes: script.firstBytes }),
    records: [],
    sessionFields: [],
    anomalies: [],
    options: Type.Object({}),
    probe: (direction, bytes, from, to) => script.probe?.(direction, bytes.toString('latin1', from, to)) ?? Verdict.certain,
    create: (context): Decoder => ({
      data(direction, bytes, from, to) {
        const text = bytes.toString('latin1', from, to);
        log.push(`${prefix}data ${direction} ${text}`);
        return script.data?.(direction, text, context, from) ?? 0;
      },
      skipped(direction, length, missing) {
        log.push(`${prefix}skipped ${direction} ${length} ${missing}`);
      },
      gap(direction, length) {
        log.push(`${prefix}gap ${direction} ${length}`);
        return script.gap?.(direction, length) ?? true;
      },
      finished(direction) {
        log.push(`${prefix}finished ${direction}`);
      },
      end(reason) {
        log.push(`${prefix}end ${reason}`);
      },
    }),
  };
}

export interface Kit {
  readonly engine: SessionEngine;
  readonly feed: RingFeeder;
  /** Sessions told to the sink, in order. */
  readonly sessions: CopiedFacts[];
  /** `name at session.source` of anomalies told to the sink. */
  readonly anomalies: string[];
  readonly records: { readonly type: string; readonly record: unknown; readonly id: string; readonly index: number }[];
  /** `reason eventUs timeUs` of each session. */
  readonly times: { readonly reason: SessionEnd; readonly eventUs: number; readonly timeUs: number }[];
  count(name: (typeof sessionCounters.names)[number]): number;
}

/** Rules that are interested in every packet with mark 1, and do nothing. */
export const interested: SessionRules = {
  packetMarks: 1,
  packet: () => {},
  opened: () => {},
  classified: () => {},
  noted: () => {},
  saving: () => {},
};

export function engineKit(
  config: Partial<SessionConfig> = {},
  decoders: readonly DecoderDefinition[] = [],
  options: {
    readonly sourceCount?: number;
    readonly workerCount?: number;
    readonly fields?: readonly SessionField[];
    /** Options of a decoder; default none. */
    readonly optionsOf?: (definition: DecoderDefinition) => Record<string, unknown>;
    readonly engine?: Pick<SessionEngineOptions, 'rules' | 'names' | 'observer' | 'details'>;
    /** Sees each session before it is copied. */
    readonly watch?: (facts: SessionFacts) => void;
  } = {},
): Kit {
  const counters = new Float64Array(sessionCounters.names.length);
  const sessions: CopiedFacts[] = [];
  const anomalies: string[] = [];
  const records: Kit['records'] = [];
  const times: Kit['times'] = [];
  const engine: SessionEngine = new SessionEngine({
    config: defaultSessionConfig({ max_sessions: 1000, ...config }),
    counters,
    recognizer: new Recognizer(decoders.map((definition) => ({ definition, options: options.optionsOf?.(definition) ?? {} }))),
    sink: {
      session(facts, reason, timeUs) {
        options.watch?.(facts);
        sessions.push(copyFacts(facts, options.fields));
        times.push({ reason, timeUs, eventUs: engine.eventUs });
      },
      record(type, record, facts) {
        records.push({ type: type.name, record, id: facts.id, index: facts.nextRecordIndex() });
      },
      anomaly(anomaly, facts) {
        anomalies.push(`${anomaly.name} ${facts.sourcePort}`);
      },
    },
    ...options.engine,
    sourceCount: options.sourceCount ?? 1,
    workerCount: options.workerCount ?? 1,
  });
  return {
    engine,
    feed: new RingFeeder(),
    sessions,
    anomalies,
    records,
    times,
    count: (name) => counters[sessionCounters.index[name]] as number,
  };
}
