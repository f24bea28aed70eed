// HTTP/1.0 and HTTP/1.1 as recognition, configuration and the field registry see it.

import type { RecordType } from '../../record/index.ts';
import type { DecoderDefinition } from '../contract.ts';
import { letterBytes } from '../first-bytes.ts';
import { arkimeFields } from '../http-details/index.ts';
import { ntlmFields } from '../ntlm/index.ts';
import { httpAnomalies } from './anomalies.ts';
import { HttpDecoder } from './decoder.ts';
import { httpFields } from './fields.ts';
import { tokenLower } from './header-table.ts';
import { maxMethodBytes } from './methods.ts';
import { fieldsOfHeaders, httpOptions, settingsOf } from './options.ts';
import { probeHttp } from './probe.ts';
import { httpRecord } from './record.ts';

/** A method begins with a letter, a response with H; empty lines may come before. */
const firstBytes = [0x0d, 0x0a, ...letterBytes];
/** A method is a token. */
const firstWord = { bytes: Buffer.from([...tokenLower.keys()].filter((code) => tokenLower[code] !== 0)), most: maxMethodBytes };

export const httpDecoder: DecoderDefinition = {
  name: 'http',
  title: 'HTTP/1.0 and HTTP/1.1',
  transports: ['tcp'],
  ports: [80, 3128, 8000, 8008, 8080, 8081, 8888],
  firstBytes,
  firstWord,
  records: [httpRecord as unknown as RecordType<never>],
  sessionFields: [...Object.values(httpFields), ...arkimeFields, ...Object.values(ntlmFields)],
  configuredFields: fieldsOfHeaders,
  anomalies: Object.values(httpAnomalies),
  options: httpOptions,
  probe: (_direction, bytes, from, to) => probeHttp(bytes, from, to),
  create: (context, options) => new HttpDecoder(context, settingsOf(options)),
};
