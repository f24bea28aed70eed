// QUIC (RFC 9000, RFC 9369, its drafts, and Google’s own versions) as recognition, configuration and the field registry see it.

import { hostField, tagsField } from '../../record/index.ts';
import { type DecoderContext, type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { helloNotes } from '../tls-handshake/hello-notes.ts';
import { tlsNotes } from '../tls-handshake/record-type.ts';
import { quicAnomalies } from './anomalies.ts';
import { QuicDecoder } from './decoder.ts';
import { quicFields } from './fields.ts';
import { GooglePacket } from './google-packet.ts';
import { LongHeader } from './long-header.ts';
import { type QuicOptions, quicOptions } from './options.ts';
import { initialSecrets } from './versions.ts';

const header = new LongHeader();
const google = new GooglePacket();

/** Long headers, and Google’s public flags that say a version. */
const firstBytes = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte >= 0x80 || (byte & 0xc3) === 1);

/** A version that is known, at the place that the header before it gives, and lengths that fit. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (google.readHeader(bytes, from, to)) return Verdict.certain;
  if (!header.read(bytes, from, to)) return Verdict.no;
  const secrets = initialSecrets(header.version);
  if (secrets === undefined) return Verdict.no;
  const type = ((header.firstByte >> 4) & 3) - secrets.initialType;
  if (type === 0) return header.readInitial() ? Verdict.certain : Verdict.no;
  // Retry is the type before Initial, and has no length.
  return ((type + 4) & 3) === 3 || header.readLength() ? Verdict.certain : Verdict.no;
}

export const quicDecoder: DecoderDefinition = {
  name: 'quic',
  title: 'QUIC handshakes',
  transports: ['udp'],
  ports: [443],
  firstBytes,
  namesItself: true,
  records: [],
  sessionFields: [
    ...Object.values(quicFields),
    hostField,
    tagsField,
    tlsNotes.serverName,
    tlsNotes.ja3,
    tlsNotes.ja4,
    helloNotes.clientSessionId,
    helloNotes.ja3,
    helloNotes.ja3String,
    helloNotes.ja4,
    helloNotes.ja4Raw,
  ],
  anomalies: Object.values(quicAnomalies),
  options: quicOptions,
  probe,
  create: (context: DecoderContext, options: Readonly<Record<string, unknown>>) =>
    new QuicDecoder(context, options as unknown as QuicOptions),
};
