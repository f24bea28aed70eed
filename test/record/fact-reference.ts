// What the facts of a session are to say, by the values that TypeScript reads of it: for doubles of sessions, and to compare what the
// addon writes with.

import {
  type FactName,
  FactPlan,
  type FieldValue,
  type Scribe,
  type SessionFacts,
  type SessionField,
  type ValueSink,
} from '../../src/record/index.ts';
import { FactDeskLayout as Desk } from '../../src/ring/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';
import { defaultSessionConfig, sessionCounters } from '../../src/session/index.ts';
import { SessionNotes } from '../../src/session/notes.ts';

const keywords = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'ipv6-icmp'],
  [89, 'ospf'],
  [103, 'pim'],
  [112, 'vrrp'],
  [132, 'sctp'],
  [136, 'udplite'],
]);
const etherTypes = new Map([
  [0x0806, 'arp'],
  [0x88cc, 'lldp'],
]);

/** Microseconds since 1970 as records have them. */
export function dateOf(timeUs: number): string {
  const second = Math.floor(timeUs / 1e6);
  const iso = new Date(second * 1000).toISOString();
  return iso.length === 24 ? iso.replace('000Z', `${String(timeUs - second * 1e6).padStart(6, '0')}Z`) : iso;
}

function macOf(mac: string | undefined): string | undefined {
  return mac?.toUpperCase().replaceAll(':', '-');
}

/** undefined where the session has no such fact. */
export function factOf(s: SessionFacts, fact: FactName, which: 0 | 1): unknown {
  const isIp = s.ipVersion !== 0;
  const isTcp = isIp && s.protocol === 6;
  switch (fact) {
    case 'id':
      return s.id;
    case 'address':
      return isIp ? [s.sourceAddress, s.destinationAddress][which] : undefined;
    case 'port':
      return s.hasPorts ? [s.sourcePort, s.destinationPort][which] : undefined;
    case 'mac':
      return macOf((isIp ? [s.sourceMac, s.destinationMac] : [s.sourceAddress, s.destinationAddress])[which]);
    case 'networkType':
      if (isIp) return `ipv${s.ipVersion}`;
      return etherTypes.get(s.etherType) ?? `0x${s.etherType.toString(16).padStart(4, '0')}`;
    case 'transport':
      return isIp ? (keywords.get(s.protocol) ?? String(s.protocol)) : undefined;
    case 'ianaNumber':
      return isIp ? String(s.protocol) : undefined;
    case 'communityId':
      return isIp ? s.communityId : undefined;
    case 'start':
      return dateOf(s.startUs);
    case 'end':
      return dateOf(s.lastUs);
    case 'duration':
      return Math.max(0, s.lastUs - s.startUs) * 1000;
    case 'firstProtocol':
      return s.protocols[0];
    case 'protocols':
      return s.protocols.length === 0 ? undefined : s.protocols;
    case 'allPackets':
      return s.packets(0) + s.packets(1);
    case 'allBytes':
      return s.bytes(0) + s.bytes(1);
    case 'vlan':
      return s.vlanIds[which] === undefined ? undefined : String(s.vlanIds[which]);
    case 'reason':
      return s.end;
    case 'part':
      return s.part || undefined;
    case 'midstream':
      return s.midstream || undefined;
    case 'tcpState':
      return s.tcpState;
    case 'handshakeUs':
      return s.handshakeUs;
    case 'packets':
      return s.packets(which);
    case 'bytes':
      return s.bytes(which);
    case 'payloadBytes':
      return s.payloadBytes(which);
    case 'ttl':
      return s.ttl(which) || undefined;
    case 'duplicates':
      return (isIp && s.protocol === 17 && s.retransmittedPackets(which)) || undefined;
    case 'tcpFlags':
      return (isTcp && [...'FSRPAUEC'].filter((_letter, bit) => ((s.tcpFlags(which) >> bit) & 1) === 1).join('')) || undefined;
    case 'gapBytes':
      return (isTcp && s.gapBytes(which)) || undefined;
    case 'retransmitted':
      return (isTcp && s.retransmittedPackets(which)) || undefined;
    case 'outOfOrder':
      return (isTcp && s.outOfOrderPackets(which)) || undefined;
  }
}

/** A value noted for a field. */
export type Note = readonly [SessionField, string | number | boolean];

/** Notes of one session that holds all of them; its slot is 0. */
export function notesOf(notes: readonly Note[]): SessionNotes {
  const config = defaultSessionConfig({ max_note_values: 1000, max_note_bytes: 1 << 16 });
  const made = new SessionNotes(1, config, new Float64Array(sessionCounters.names.length));
  for (const [field, value] of notes) made.add(0, field, value);
  return made;
}

/** A scribe that has the facts of its plans from `factOf`, and all else from the real one. */
export function referenceScribe(s: () => SessionFacts, notes: readonly Note[] = []): Scribe {
  const noted = notesOf(notes);
  const records = new RecordScribe(undefined, 0, noted);
  records.words[Desk.notes >> 2] = noted.headOf(0);
  const plans = new Map<FactPlan, FactPlan>();
  let values = new Map<number, (sink: ValueSink, index: number) => void>();
  const sink: ValueSink = {
    put: (index, value) => void values.set(index, (to, at) => to.put(at, value)),
    date: (index, value) => void values.set(index, (to, at) => to.date(at, value)),
  };
  return {
    begin() {
      values = new Map();
      return sink;
    },
    write(plan, target, at, limit, timeUs) {
      let count = 0;
      const real = records.begin();
      const steps = plan.steps.map((step) => {
        if (step.step !== 'fact' && step.step !== 'value') return step;
        const index = count++;
        if (step.step === 'fact') real.put(index, factOf(s(), step.fact, step.which as 0 | 1) as FieldValue);
        else values.get(step.index)?.(real, index);
        return { step: 'value', text: step.text, index } as const;
      });
      const known = plans.get(plan) ?? new FactPlan(steps);
      plans.set(plan, known);
      return records.write(known, target, at, limit, timeUs);
    },
  };
}
