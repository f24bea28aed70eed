// DTLS (RFC 4347, RFC 6347, RFC 9147) as recognition, configuration and the field registry see it.

import { readU16 } from '../big-endian.ts';
import { type DecoderContext, type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { helloNotes } from '../tls-handshake/hello-notes.ts';
import { ContentType } from '../tls-handshake/record-reader.ts';
import { tlsNotes } from '../tls-handshake/record-type.ts';
import { Version } from '../tls-handshake/versions.ts';
import { certificateField } from '../x509/certificate-note.ts';
import { dtlsAnomalies } from './anomalies.ts';
import { DtlsDecoder, messageHeaderBytes, recordHeaderBytes } from './decoder.ts';
import { type DtlsOptions, dtlsOptions } from './options.ts';

/** ClientHello, ServerHello and HelloVerifyRequest. */
const lastHello = 3;

/** A record in clear with the first fragment of a hello: sixteen bytes of fixed or narrow values. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (to - from < recordHeaderBytes + messageHeaderBytes || bytes[from] !== ContentType.handshake) return Verdict.no;
  const version = readU16(bytes, from + 1);
  if (version !== Version.dtls10 && version !== Version.dtls12 && version !== Version.dtls10Early) return Verdict.no;
  const length = readU16(bytes, from + 11);
  if (readU16(bytes, from + 3) !== 0 || length < messageHeaderBytes || length > to - from - recordHeaderBytes) return Verdict.no;
  const message = from + recordHeaderBytes;
  const type = bytes[message] as number;
  const whole = bytes.readUIntBE(message + 1, 3);
  const fragment = bytes.readUIntBE(message + 9, 3);
  if (fragment > length - messageHeaderBytes || bytes.readUIntBE(message + 6, 3) + fragment > whole) return Verdict.no;
  return type > 0 && type <= lastHello ? Verdict.certain : Verdict.no;
}

export const dtlsDecoder: DecoderDefinition = {
  name: 'dtls',
  title: 'DTLS handshakes',
  transports: ['udp'],
  ports: [],
  firstBytes: [ContentType.handshake],
  records: [],
  sessionFields: [
    tlsNotes.serverName,
    tlsNotes.ja4,
    tlsNotes.version,
    tlsNotes.cipher,
    tlsNotes.subjectName,
    helloNotes.ja4,
    helloNotes.ja4Raw,
    certificateField,
  ],
  anomalies: Object.values(dtlsAnomalies),
  options: dtlsOptions,
  probe,
  create: (context: DecoderContext, options: Readonly<Record<string, unknown>>) =>
    new DtlsDecoder(context, options as unknown as DtlsOptions),
};
