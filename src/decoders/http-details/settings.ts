// Options of how much Arkime's document says of HTTP, the same for all its versions, and their checked values.

import { Type } from 'typebox';
import type { SessionField } from '../../record/index.ts';
import { type HeaderField, headerFieldOf, headerFieldPattern } from '../header-fields.ts';
import type { BodySettings } from './body-digest.ts';

/** To be spread into the schema of a decoder's options. */
export const detailOptions = {
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
} as const;

export class DetailSettings {
  readonly queryValues: boolean;
  readonly cookieValues: boolean;
  readonly allRequestHeaders: boolean;
  readonly allResponseHeaders: boolean;
  readonly requestFields: ReadonlyMap<string, HeaderField>;
  readonly responseFields: ReadonlyMap<string, HeaderField>;
  readonly body: BodySettings;
  /** Those that the config makes of headers. */
  readonly configuredFields: readonly SessionField[];

  /** `options`: a checked table with `detailOptions` in its schema. */
  constructor(options: Readonly<Record<string, unknown>>) {
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
    this.configuredFields = [...this.requestFields.values(), ...this.responseFields.values()].map(({ field }) => field);
  }
}

/** Versions of HTTP note the same fields. */
const made = new Map<string, HeaderField>();

function headerFields(entries: readonly string[], side: 'request' | 'response'): ReadonlyMap<string, HeaderField> {
  const names = {
    name: `http.${side}_header.`,
    path: `http.${side}-`,
    expression: `http.${side}.`,
    meaning: `Values of the ${side} header`,
  };
  const fields = entries.map((entry) => {
    const key = `${side} ${entry}`;
    const field = made.get(key) ?? headerFieldOf(entry, names);
    made.set(key, field);
    return field;
  });
  return new Map(fields.map((field) => [field.header, field]));
}
