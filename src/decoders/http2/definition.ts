// HTTP/2 without TLS as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { beginVerdict } from '../first-bytes.ts';
import { arkimeFields, DetailSettings, detailOptions } from '../http-details/index.ts';
import { http2Anomalies } from './anomalies.ts';
import { Http2Decoder, type Http2Settings } from './decoder.ts';
import { preface } from './preface.ts';

/** Bodies are not noted themselves. */
const { max_request_body_bytes: _, ...options } = detailOptions;

const known = new WeakMap<object, Http2Settings>();

/** The settings of an options table; the same object for the same table. */
function settingsOf(options: Readonly<Record<string, unknown>>): Http2Settings {
  let settings = known.get(options);
  if (settings === undefined) {
    settings = {
      maxHeadBytes: options.max_head_bytes as number,
      maxStreams: options.max_streams as number,
      details: new DetailSettings(options),
    };
    known.set(options, settings);
  }
  return settings;
}

export const http2Decoder: DecoderDefinition = {
  name: 'http2',
  title: 'HTTP/2 without TLS',
  transports: ['tcp'],
  ports: [80, 8080],
  firstBytes: [preface[0] as number],
  records: [],
  sessionFields: arkimeFields,
  configuredFields: (options) => settingsOf(options).details.configuredFields,
  anomalies: Object.values(http2Anomalies),
  options: Type.Object({
    max_head_bytes: Type.Integer({
      description: 'Longest header block of a message that is read, in bytes.',
      default: 65536,
      minimum: 1024,
      maximum: 1048576,
    }),
    max_streams: Type.Integer({
      description: 'Most bodies of one direction that are under way at a time.',
      default: 128,
      minimum: 1,
      maximum: 10000,
    }),
    ...options,
  }),
  probe: (_direction, bytes, from, to) => beginVerdict(preface, bytes, from, to),
  create: (context, options) => new Http2Decoder(context, settingsOf(options)),
};
