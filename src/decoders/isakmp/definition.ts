// ISAKMP and IKE (RFC 2408, RFC 2409, RFC 7296) as recognition, configuration and the field registry see them. On port 4500
// four zero bytes tell a message from ESP in UDP (RFC 3948 section 2.2). Used on packet workers; keeps nothing.

import { Type } from 'typebox';
import { readU32 } from '../big-endian.ts';
import { type DecoderContext, type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { certificateField } from '../x509/certificate-note.ts';
import { isakmpFields, isMessage, readMessage } from './message.ts';

const markerBytes = 4;

/** Where the message begins: behind the marker, if there is one; -1 when there is none. */
function messageAt(bytes: Buffer, from: number, to: number): number {
  if (isMessage(bytes, from, to)) return from;
  if (to - from < markerBytes || readU32(bytes, from) !== 0) return -1;
  return isMessage(bytes, from + markerBytes, to) ? from + markerBytes : -1;
}

/** A message that fills its datagram is sure; on the ports of the protocol padding behind it is let pass. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const at = messageAt(bytes, from, to);
  if (at < 0) return Verdict.no;
  return at + readU32(bytes, at + 24) === to ? Verdict.certain : Verdict.faint;
}

function read(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  const at = messageAt(bytes, from, to);
  if (at >= 0) readMessage(context, bytes, at, to);
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
  create: (context) => new PacketDecoder(context, read),
};
