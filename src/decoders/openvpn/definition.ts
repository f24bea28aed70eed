// OpenVPN as recognition, configuration and the field registry see it.

import { hostField, tagsField } from '../../record/index.ts';
import { readU16 } from '../big-endian.ts';
import { type DecoderContext, type DecoderDefinition, type Direction, probeLimitBytes, Verdict } from '../contract.ts';
import { helloNotes } from '../tls-handshake/hello-notes.ts';
import { tlsNotes } from '../tls-handshake/record-type.ts';
import { certificateField } from '../x509/certificate-note.ts';
import { OpenvpnDatagramDecoder, OpenvpnStreamDecoder } from './decoder.ts';
import { type OpenvpnOptions, openvpnOptions } from './options.ts';
import { Format, formatOf, Opcode } from './packet-format.ts';

const resets = [Opcode.clientReset << 3, Opcode.serverReset << 3, Opcode.clientReset3 << 3];
/** Over TCP a packet is behind its length, whose first byte is 0 to 4 for those that open a session. */
const lengthHigh = [0, 1, 2, 3, 4];
const shortest = 14;

/** The packet that opens a session, whose length follows from what is in it: of a datagram, or of a stream. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = to - from;
  if (resets.includes(bytes[from] as number)) return formatOf(bytes, from, to) === Format.unknown ? Verdict.no : Verdict.certain;
  if (length < 3) return (bytes[from] as number) <= 4 ? Verdict.needMore : Verdict.no;
  const whole = readU16(bytes, from);
  if (whole < shortest || !resets.includes(bytes[from + 2] as number)) return Verdict.no;
  if (length < 2 + whole) return 2 + whole <= probeLimitBytes ? Verdict.needMore : Verdict.faint;
  return formatOf(bytes, from + 2, from + 2 + whole) === Format.unknown ? Verdict.no : Verdict.certain;
}

export const openvpnDecoder: DecoderDefinition = {
  name: 'openvpn',
  title: 'OpenVPN, with the TLS of its control channel',
  transports: ['udp', 'tcp'],
  ports: [1194],
  firstBytes: [...lengthHigh, ...resets],
  records: [],
  sessionFields: [hostField, tagsField, ...Object.values(tlsNotes), ...Object.values(helloNotes), certificateField],
  anomalies: [],
  options: openvpnOptions,
  probe,
  create: (context: DecoderContext, options: Readonly<Record<string, unknown>>) =>
    context.transport === 'tcp'
      ? new OpenvpnStreamDecoder(context, options as unknown as OpenvpnOptions)
      : new OpenvpnDatagramDecoder(context, options as unknown as OpenvpnOptions),
};
