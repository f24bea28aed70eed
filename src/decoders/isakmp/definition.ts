// ISAKMP and IKE (RFC 2408, RFC 2409, RFC 7296) as recognition, configuration and the field registry see them. On port 4500
// four zero bytes tell a message from ESP in UDP (RFC 3948 section 2.2). Used on packet workers; keeps nothing.

import { Type } from 'typebox';
import { readU32 } from '../big-endian.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { certificateField } from '../x509/certificate-note.ts';
import { messageAt, readDatagram } from './decoder.ts';
import { isakmpFields } from './fields.ts';

/** A message that fills its datagram is sure; on the ports of the protocol padding behind it is let pass. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const at = messageAt(bytes, from, to);
  if (at < 0) return Verdict.no;
  return at + readU32(bytes, at + 24) === to ? Verdict.certain : Verdict.faint;
}

export const isakmpDecoder: DecoderDefinition = {
  name: 'isakmp',
  title: 'ISAKMP and IKE, key exchange of IPsec',
  transports: ['udp'],
  ports: [500, 4500],
  records: [],
  sessionFields: [...Object.values(isakmpFields), certificateField],
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, readDatagram),
};
