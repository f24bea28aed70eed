// Schema of `[decoder.http]` and its checked values in the form the data plane reads. One HttpSettings is made for
// each options table, not for each session. Made on a packet worker when it starts decoding.

import { Type } from 'typebox';
import type { SessionField } from '../../record/index.ts';
import { type HeaderField, headerFieldOf, headerFieldPattern } from '../header-fields.ts';
import type { BodySettings } from './body-digest.ts';
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
  query_values: Type.Boolean({
    description: "Note the values in query strings in Arkime's session document, not only their names.",
    default: false,
  }),
  cookie_values: Type.Boolean({
    description: "Note the values of cookies in Arkime's session document, not only their names.",
    default: false,
  }),
  all_request_headers: Type.Boolean({
    description: "Note all request headers with their values in Arkime's session document.",
    default: false,
  }),
  all_response_headers: Type.Boolean({
    description: "Note all response headers with their values in Arkime's session document.",
    default: false,
  }),
  request_header_fields: Type.Array(Type.String({ pattern: headerFieldPattern }), {
    description:
      "Request headers that get a field http.request-<name> in Arkime's session document, each as name[:text|lower|integer|ip][:count]; count writes the number of values beside it.",
    default: [],
    maxItems: 64,
  }),
  response_header_fields: Type.Array(Type.String({ pattern: headerFieldPattern }), {
    description: 'The same of response headers, with fields http.response-<name>.',
    default: [],
    maxItems: 64,
  }),
  max_request_body_bytes: Type.Integer({
    description:
      "Longest request body that Arkime's session document holds, in bytes; longer ones are left out. Only UTF-8 text.",
    default: 256,
    minimum: 0,
    maximum: 16384,
  }),
  body_types: Type.Boolean({
    description: "Note the media types of bodies, by their first bytes, in Arkime's session document.",
    default: true,
  }),
  body_sha256: Type.Boolean({
    description: "Note the SHA-256 of bodies in Arkime's session document, beside their MD5.",
    default: false,
  }),
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
  readonly queryValues: boolean;
  readonly cookieValues: boolean;
  readonly allRequestHeaders: boolean;
  readonly allResponseHeaders: boolean;
  readonly requestFields: ReadonlyMap<string, HeaderField>;
  readonly responseFields: ReadonlyMap<string, HeaderField>;
  readonly body: BodySettings;

  constructor(options: Readonly<Record<string, unknown>>) {
    this.maxHeadBytes = options.max_head_bytes as number;
    this.maxHeaders = options.max_headers as number;
    this.maxUriBytes = options.max_uri_bytes as number;
    this.maxValueBytes = options.max_value_bytes as number;
    this.maxPipelined = options.max_pipelined as number;
    this.resyncBytes = options.resync_bytes as number;
    this.headerNames = options.header_names as boolean;
    this.headers = new HeaderTable(options.request_headers as string[], options.response_headers as string[]);
    this.queryValues = options.query_values as boolean;
    this.cookieValues = options.cookie_values as boolean;
    this.allRequestHeaders = options.all_request_headers as boolean;
    this.allResponseHeaders = options.all_response_headers as boolean;
    this.requestFields = headerFields(options.request_header_fields as string[], 'request');
    this.responseFields = headerFields(options.response_header_fields as string[], 'response');
    this.body = {
      maxRequestBody: options.max_request_body_bytes as number,
      sha256: options.body_sha256 as boolean,
      bodyTypes: options.body_types as boolean,
    };
  }
}

function headerFields(entries: readonly string[], side: 'request' | 'response'): ReadonlyMap<string, HeaderField> {
  const names = {
    name: `http.${side}_header.`,
    path: `http.${side}-`,
    expression: `http.${side}.`,
    meaning: `Values of the ${side} header`,
  };
  return new Map(entries.map((entry) => headerFieldOf(entry, names)).map((field) => [field.header, field]));
}

/** The fields that an options table makes of headers. */
export function fieldsOfHeaders(options: Readonly<Record<string, unknown>>): readonly SessionField[] {
  const { requestFields, responseFields } = settingsOf(options);
  return [...requestFields.values(), ...responseFields.values()].map(({ field }) => field);
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
