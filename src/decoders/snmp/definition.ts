// SNMP, versions 1 (RFC 1157), 2c (RFC 1901) and 3 (RFC 3412), as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { userField } from '../../record/index.ts';
import { BerCursor, Tag } from '../ber-cursor.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { isPdu, readMessage, Version } from './decoder.ts';
import { snmpFields } from './fields.ts';

/** A sequence of a version that exists and what follows it there: a community, or the header of version 3. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const outer = new BerCursor(bytes, from, to);
  if (!outer.expectCut(Tag.sequence)) return Verdict.no;
  const message = outer.inside();
  if (!message.expectCut(Tag.integer) || message.to - message.from !== 1) return Verdict.no;
  const version = bytes[message.from] as number;
  if (version === Version.v3) {
    if (!message.expectCut(Tag.sequence) || bytes[message.from] !== Tag.integer) return Verdict.no;
    return message.expectCut(Tag.octetString) ? Verdict.certain : Verdict.no;
  }
  if ((version !== Version.v1 && version !== Version.v2c) || !message.expectCut(Tag.octetString)) return Verdict.no;
  return message.nextCut() && isPdu(message.tag) ? Verdict.certain : Verdict.faint;
}

export const snmpDecoder: DecoderDefinition = {
  name: 'snmp',
  title: 'SNMP, Simple Network Management Protocol',
  transports: ['udp'],
  ports: [161, 162],
  firstBytes: [Tag.sequence],
  records: [],
  sessionFields: [...Object.values(snmpFields), userField],
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, readMessage),
};
