// The TLS decoder: record and handshake layers up to the start of encryption, JA3, JA3S, JA4, X.509. Registered by
// the decoder registry; no state of its own.

import type { RecordType } from '../../record/index.ts';
import type { DecoderContext, DecoderDefinition } from '../contract.ts';
import { tlsAnomalies } from '../tls-handshake/anomalies.ts';
import { helloNotes } from '../tls-handshake/hello-notes.ts';
import { type TlsOptions, tlsOptions } from '../tls-handshake/options.ts';
import { ContentType } from '../tls-handshake/record-reader.ts';
import { tlsNotes, tlsRecordType } from '../tls-handshake/record-type.ts';
import { certificateField } from '../x509/certificate-note.ts';
import { TlsDecoder } from './decoder.ts';
import { probeTls } from './probe.ts';

/** A record that begins a stream is a handshake or an alert; an SSL 2 hello has the top bit of its length set. */
const firstBytes = [ContentType.alert, ContentType.handshake, ...Array.from({ length: 128 }, (_, low) => 0x80 + low)];

export const tlsDecoder: DecoderDefinition = {
  name: 'tls',
  title: 'TLS and SSL handshakes',
  transports: ['tcp'],
  ports: [443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 5061, 5223, 5671, 6514, 6697, 8443, 8883, 9443],
  firstBytes,
  waitsBelow: 2,
  records: [tlsRecordType as RecordType<never>],
  sessionFields: [...Object.values(tlsNotes), ...Object.values(helloNotes), certificateField],
  anomalies: Object.values(tlsAnomalies),
  options: tlsOptions,
  probe: probeTls,
  create: (context: DecoderContext, options: Readonly<Record<string, unknown>>) =>
    new TlsDecoder(context, options as unknown as TlsOptions),
};
