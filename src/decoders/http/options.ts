// Schema of `[decoder.http]` and its checked values in the form the data plane reads. One HttpSettings is made for
// each options table, not for each session. Made on a packet worker when it starts decoding.

import { Type } from 'typebox';
import type { SessionField } from '../../record/index.ts';
import { DetailSettings, detailOptions } from '../http-details/index.ts';
import { HeaderTable } from './header-table.ts';

export const httpOptions = Type.Object({
  max_head_bytes: Type.Integer({
    description: 'Longest head (first line and headers) of a message that is read, in bytes.',
    default: 65536,
    minimum: 1024,
    maximum: 1048576,
  }),
  max_headers: Type.Integer({
    description: 'Most header lines of one message that are read.',
    default: 256,
    minimum: 8,
    maximum: 10000,
  }),
  max_uri_bytes: Type.Integer({
    description: 'Longest request target that a record holds, in bytes.',
    default: 8192,
    minimum: 64,
    maximum: 65536,
  }),
  max_value_bytes: Type.Integer({
    description: 'Longest header value that a record holds, in bytes.',
    default: 4096,
    minimum: 64,
    maximum: 65536,
  }),
  max_pipelined: Type.Integer({
    description: 'Most requests of one session that wait for their responses.',
    default: 100,
    minimum: 1,
    maximum: 10000,
  }),
  resync_bytes: Type.Integer({
    description:
      'After a loss, most bytes of one direction that are searched for the next start of a message; then it is no longer read.',
    default: 16777216,
    minimum: 0,
    maximum: 1073741824,
  }),
  request_headers: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
    description: 'Request headers to record with their values. Of Authorization only the scheme is ever recorded.',
    default: [],
    maxItems: 64,
  }),
  response_headers: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
    description: 'Response headers to record with their values.',
    default: [],
    maxItems: 64,
  }),
  header_names: Type.Boolean({
    description: 'Record the names of all headers, in lower case and in the order sent.',
    default: false,
  }),
  ...detailOptions,
});

export class HttpSettings {
  readonly maxHeadBytes: number;
  readonly maxHeaders: number;
  readonly maxUriBytes: number;
  readonly maxValueBytes: number;
  readonly maxPipelined: number;
  readonly resyncBytes: number;
  readonly headerNames: boolean;
  readonly headers: HeaderTable;
  readonly details: DetailSettings;

  constructor(options: Readonly<Record<string, unknown>>) {
    this.maxHeadBytes = options.max_head_bytes as number;
    this.maxHeaders = options.max_headers as number;
    this.maxUriBytes = options.max_uri_bytes as number;
    this.maxValueBytes = options.max_value_bytes as number;
    this.maxPipelined = options.max_pipelined as number;
    this.resyncBytes = options.resync_bytes as number;
    this.headerNames = options.header_names as boolean;
    this.headers = new HeaderTable(options.request_headers as string[], options.response_headers as string[]);
    this.details = new DetailSettings(options);
  }
}

/** The fields that an options table makes of headers. */
export function fieldsOfHeaders(options: Readonly<Record<string, unknown>>): readonly SessionField[] {
  return settingsOf(options).details.configuredFields;
}

const known = new WeakMap<object, HttpSettings>();

/** The settings of an options table; the same object for the same table. */
export function settingsOf(options: Readonly<Record<string, unknown>>): HttpSettings {
  let settings = known.get(options);
  if (settings === undefined) {
    settings = new HttpSettings(options);
    known.set(options, settings);
  }
  return settings;
}
