// The `http` record: one request with its response. Fields are read by the encoders while the decoder's `emit` runs, on
// a packet worker.

import { isIP } from 'node:net';
import { type ByteText, defineRecordType, type Field, JsonText } from '../../record/index.ts';
import { ecsOutcomes, ecsOutcomeTexts, outcomeTexts, protocolField } from '../ecs-fields.ts';
import { noMethod } from './methods.ts';
import type { WireText } from './text-area.ts';
import type { HttpTransaction, Message } from './transaction.ts';
import type { UrlParts } from './url.ts';

/** A transaction with the parts of its URL, which the exchange fills in before it emits. */
export interface HttpRecord {
  readonly transaction: HttpTransaction;
  readonly url: UrlParts;
}

type HttpField = Field<HttpRecord>;

const request = (record: HttpRecord): Message => record.transaction.request;
const response = (record: HttpRecord): Message => record.transaction.response;

function shown(record: HttpRecord, value: WireText): JsonText | ByteText | undefined {
  return record.transaction.area.shown(value);
}

/** Value of a field that only a seen message has. */
function of(message: Message, value: number): number | undefined {
  return message.begun ? value : undefined;
}

/** From one time to another; 0 where the clock went back. No Math.max: before TurboFan it is a call. */
function span(fromUs: number, toUs: number): number {
  return toUs > fromUs ? toUs - fromUs : 0;
}

function bytesOf(message: Message): number | undefined {
  return message.begun ? message.headBytes + message.bodyBytes - message.missingBytes + message.framingBytes : undefined;
}

const urlFields: readonly HttpField[] = [
  {
    name: 'url.original',
    type: 'keyword',
    meaning: 'Request target as sent (RFC 9112 section 3.2), cut at max_uri_bytes.',
    value: (r) => shown(r, r.transaction.target),
  },
  {
    name: 'url.full',
    type: 'keyword',
    meaning: 'The absolute target as sent, else scheme, Host header and target put together; none without a Host header.',
    value: (r) => r.url.full(r.transaction),
  },
  {
    name: 'url.scheme',
    type: 'keyword',
    meaning: 'Scheme of an absolute target, else http.',
    value: (r) => (request(r).begun && !r.transaction.method.isConnect ? r.url.scheme : undefined),
  },
  {
    name: 'url.domain',
    type: 'keyword',
    meaning: 'Host of an absolute target or of CONNECT, else of the Host header, in lower case without port.',
    value: (r) => r.url.domain(),
  },
  {
    name: 'url.port',
    type: 'long',
    meaning: 'Port given with the host, if any.',
    value: (r) => r.url.port || undefined,
  },
  {
    name: 'url.path',
    type: 'keyword',
    meaning: 'Path of the target as sent, without query.',
    value: (r) => r.url.path(),
  },
  {
    name: 'url.query',
    type: 'keyword',
    meaning: 'Query of the target as sent, without the question mark.',
    value: (r) => r.url.query(),
  },
];

/** Fields that a request and a response both have. */
function messageFields(side: 'request' | 'response', message: (record: HttpRecord) => Message): readonly HttpField[] {
  const field = (name: string, type: HttpField['type'], meaning: string, value: HttpField['value'], many = false): HttpField => ({
    name: `http.${side}.${name}`,
    type,
    meaning,
    value,
    ...(many ? { many } : {}),
  });
  return [
    field('bytes', 'long', `Bytes of the ${side} seen: head, body and chunk framing.`, (r) => bytesOf(message(r))),
    field('head.bytes', 'long', `Bytes of the ${side}'s first line and headers.`, (r) => of(message(r), message(r).headBytes)),
    field(
      'body.bytes',
      'long',
      `Bytes of the ${side}'s content, chunk framing removed, content codings not; lost bytes inside it are counted.`,
      (r) => of(message(r), message(r).bodyBytes),
    ),
    field(
      'body.missing_bytes',
      'long',
      `Bytes of the ${side}'s body that the sensor did not see.`,
      (r) => message(r).missingBytes || undefined,
    ),
    field('mime_type', 'keyword', 'Media type of Content-Type, lower case, without parameters.', (r) =>
      shown(r, message(r).mimeType),
    ),
    field('content_encoding', 'keyword', 'Content-Encoding, lower case.', (r) => shown(r, message(r).contentEncoding)),
    field('transfer_encoding', 'keyword', 'Transfer-Encoding, lower case.', (r) => shown(r, message(r).transferEncoding)),
    field('upgrade', 'keyword', `Upgrade header of the ${side}, lower case.`, (r) => message(r).upgrade),
    field('headers', 'object', `Values of the headers named in ${side}_headers, by name.`, (r) => message(r).headers),
    field(
      'header_names',
      'keyword',
      'Names of all headers as sent, lower case; with header_names only.',
      (r) => message(r).headerNames,
      true,
    ),
    field('incomplete', 'boolean', `The ${side} was cut by a loss, a bound or the end.`, (r) => message(r).cut || undefined),
    field('duration_us', 'long', `Microseconds from the first to the last byte of the ${side}.`, (r) =>
      of(message(r), span(message(r).firstUs, message(r).lastUs)),
    ),
  ];
}

const requestFields: readonly HttpField[] = [
  {
    name: 'http.request.method',
    type: 'keyword',
    meaning: 'Method as sent.',
    value: (r) => (r.transaction.method === noMethod ? undefined : r.transaction.method.json),
  },
  {
    name: 'http.request.index',
    type: 'long',
    meaning: 'Number of the request in its session, from 1.',
    value: (r) => r.transaction.index || undefined,
  },
  {
    name: 'http.request.pipeline_depth',
    type: 'long',
    meaning: 'Requests that still waited for their responses when this one came.',
    value: (r) => r.transaction.pipelineDepth || undefined,
  },
  { name: 'http.request.referrer', type: 'keyword', meaning: 'Referer header.', value: (r) => shown(r, r.transaction.referer) },
  { name: 'http.request.host', type: 'keyword', meaning: 'Host header as sent.', value: (r) => shown(r, r.transaction.host) },
  {
    name: 'http.request.forwarded_for',
    type: 'keyword',
    meaning: 'X-Forwarded-For as sent.',
    value: (r) => shown(r, r.transaction.forwardedFor),
  },
  {
    name: 'http.request.client_ips',
    type: 'ip',
    many: true,
    meaning: 'Addresses in X-Forwarded-For, in order.',
    value: (r) => addressesIn(r.transaction.area.string(r.transaction.forwardedFor)),
  },
  {
    name: 'http.request.auth_scheme',
    type: 'keyword',
    meaning: 'Scheme of Authorization or Proxy-Authorization, lower case; never the credentials.',
    value: (r) => r.transaction.authScheme,
  },
  {
    name: 'user.name',
    type: 'keyword',
    meaning: 'User name of Basic or Digest credentials.',
    value: (r) => r.transaction.userName,
  },
  {
    name: 'user_agent.original',
    type: 'keyword',
    meaning: 'User-Agent header.',
    value: (r) => shown(r, r.transaction.userAgent),
  },
  ...messageFields('request', request),
];

const responseFields: readonly HttpField[] = [
  {
    name: 'http.response.status_code',
    type: 'long',
    meaning: 'Status code.',
    value: (r) => of(response(r), r.transaction.status),
  },
  { name: 'http.response.reason', type: 'keyword', meaning: 'Reason phrase.', value: (r) => shown(r, r.transaction.reason) },
  {
    name: 'http.response.interim_status_codes',
    type: 'long',
    many: true,
    meaning: '1xx statuses before the final response.',
    value: (r) => r.transaction.interimStatuses,
  },
  { name: 'http.response.server', type: 'keyword', meaning: 'Server header.', value: (r) => shown(r, r.transaction.server) },
  {
    name: 'http.response.location',
    type: 'keyword',
    meaning: 'Location header: where a redirect leads.',
    value: (r) => shown(r, r.transaction.location),
  },
  {
    name: 'http.response.content_range',
    type: 'keyword',
    meaning: 'Content-Range header.',
    value: (r) => shown(r, r.transaction.contentRange),
  },
  {
    name: 'http.response.first_byte_us',
    type: 'long',
    meaning: "Microseconds from the request's first byte to the final response's first byte.",
    value: (r) => {
      if (!response(r).begun || !request(r).begun) return undefined;
      return span(request(r).firstUs, response(r).firstUs);
    },
  },
  ...messageFields('response', response),
];

export const httpRecord = defineRecordType<HttpRecord>({
  name: 'http',
  meaning: 'An HTTP/1.0 or HTTP/1.1 request with its response (RFC 9110, RFC 9112).',
  fields: [
    protocolField('http'),
    {
      name: 'http.version',
      type: 'keyword',
      meaning: 'Version of the request, or of the response where there is no request.',
      value: (r) => versions[request(r).begun ? request(r).minorVersion : response(r).minorVersion],
    },
    ...requestFields,
    ...urlFields,
    ...responseFields,
    {
      name: 'event.duration',
      type: 'long',
      meaning: "Nanoseconds from the request's first byte to the response's last (or the request's, where that came later).",
      value: (r) => {
        if (!request(r).begun || !response(r).begun) return undefined;
        const requestUs = request(r).lastUs;
        const responseUs = response(r).lastUs;
        return span(request(r).firstUs, responseUs > requestUs ? responseUs : requestUs) * 1000;
      },
    },
    {
      name: 'event.outcome',
      type: 'keyword',
      meaning:
        'success: answered with a status below 400; failure: with another, or not; unknown: cut before its status was seen.',
      value: (r) => ecsOutcome(r.transaction),
    },
    {
      name: 'http.outcome',
      type: 'keyword',
      meaning:
        'success (status below 400), failure, unanswered, reset, timeout, truncated (cut by a loss, a bound or the end), unsolicited (a response without request).',
      value: (r) => outcomeTexts[r.transaction.outcome],
    },
  ],
});

const versions = Array.from({ length: 10 }, (_, minor) => JsonText.of(`1.${minor}`));

function ecsOutcome(transaction: HttpTransaction): JsonText {
  const { outcome, status } = transaction;
  // The status is known although the rest is not.
  if (ecsOutcomes[outcome] === 'unknown' && status !== 0) return status < 400 ? ecsOutcomeTexts.success : ecsOutcomeTexts.failure;
  return ecsOutcomeTexts[outcome];
}

/** Addresses recorded of one request. */
const maxAddresses = 16;

function addressesIn(forwardedFor: string): string[] | undefined {
  if (forwardedFor === '') return undefined;
  const addresses: string[] = [];
  for (const item of forwardedFor.split(',', maxAddresses)) {
    const address = bareAddress(item.trim());
    if (isIP(address) !== 0) addresses.push(address);
  }
  return addresses;
}

/** `1.2.3.4:80` and `[::1]:80` without port and brackets. */
function bareAddress(item: string): string {
  if (item.startsWith('[')) return item.slice(1, Math.max(1, item.indexOf(']')));
  const colon = item.indexOf(':');
  return colon !== -1 && item.indexOf(':', colon + 1) === -1 ? item.slice(0, colon) : item;
}
