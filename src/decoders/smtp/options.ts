// Schema of `[decoder.smtp]`.

import { type Static, Type } from 'typebox';
import { headerFieldPattern } from '../header-fields.ts';

export const smtpOptions = Type.Object({
  max_line_bytes: Type.Integer({
    description: 'Longest line that is read, in bytes.',
    default: 8192,
    minimum: 512,
    maximum: 1_048_576,
  }),
  max_header_bytes: Type.Integer({
    description: 'Longest header field of a message that is read, unfolded, in bytes.',
    default: 16_384,
    minimum: 512,
    maximum: 1_048_576,
  }),
  max_headers: Type.Integer({
    description: 'Most header fields of one message that are read.',
    default: 500,
    minimum: 8,
    maximum: 10_000,
  }),
  header_values: Type.Boolean({
    description: 'Record names and values of all header fields of messages that have no field of their own.',
    default: false,
  }),
  header_fields: Type.Array(Type.String({ pattern: headerFieldPattern }), {
    description:
      "Header fields of messages that get a field email.header-<name> in Arkime's session document, each as name[:text|lower|integer|ip][:count]; count writes the number of values beside it.",
    default: [],
    maxItems: 64,
  }),
  ip_headers: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
    description: 'Header fields whose values are addresses.',
    default: ['x-originating-ip', 'x-barracuda-apparent-source-ip'],
    maxItems: 64,
  }),
  sha256: Type.Boolean({ description: 'Record the SHA-256 of attachments besides their MD5.', default: false }),
  magic: Type.Boolean({ description: 'Record what attachments are by their first bytes.', default: true }),
});

export type SmtpOptions = Static<typeof smtpOptions>;
