// What HTTP of all versions adds to Arkime's session document; ECS records say it in transactions of their own.

import type { SessionField } from '../../record/index.ts';
import { type ArkimePlace, collected, onlyArkime, orEmpty, repeated, summed } from '../session-field.ts';

function texts(key: string, expression: string, kind: NonNullable<ArkimePlace['kind']>, meaning: string): SessionField {
  return onlyArkime(collected('keyword', `http.${snake(key)}`, meaning, { path: `http.${key}`, expression, kind }));
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function headerPairs(key: string, expression: string, counted: boolean, meaning: string): SessionField {
  const place = { path: `http.${key}`, expression, kind: 'lotermfield', counted } as const;
  return onlyArkime(repeated('keyword', `http.${snake(key)}`, meaning, place));
}

export const uriField = texts('uri', 'http.uri', 'termfield', 'Host header and request target, or the absolute target.');
export const pathField = texts('path', 'http.uri.path', 'termfield', 'Paths of request targets.');
export const keyField = texts('key', 'http.uri.key', 'termfield', 'Names in query strings, percent-decoded.');
export const valueField = texts('value', 'http.uri.value', 'termfield', 'Values in query strings, percent-decoded.');
export const cookieKeyField = texts('cookieKey', 'http.cookie.key', 'termfield', 'Names of cookies sent.');
export const cookieValueField = texts('cookieValue', 'http.cookie.value', 'termfield', 'Values of cookies sent.');
export const requestMethodField = texts('method', 'http.method', 'termfield', 'Request methods.');
export const agentField = orEmpty(texts('useragent', 'http.user-agent', 'termfield', 'User-Agent headers.'));
export const clientVersionField = texts('clientVersion', 'http.version.src', 'termfield', 'Versions of requests.');
export const serverVersionField = texts('serverVersion', 'http.version.dst', 'termfield', 'Versions of responses.');
export const authTypeField = texts('authType', 'http.authtype', 'lotermfield', 'Authentication schemes of requests.');
export const loginField = texts('user', 'http.user', 'termfield', 'User names of Basic and Digest authentication.');
export const md5Field = texts('md5', 'http.md5', 'lotermfield', 'MD5 of bodies as transferred, without chunk framing.');
export const sha256Field = texts('sha256', 'http.sha256', 'lotermfield', 'SHA-256 of bodies as transferred.');
export const bodyMagicField = texts('bodyMagic', 'http.bodymagic', 'termfield', 'Media types of bodies, by their first bytes.');
export const requestHeaderField = texts(
  'requestHeader',
  'http.hasheader.src',
  'lotermfield',
  'Names of request headers, lower case.',
);
export const responseHeaderField = texts(
  'responseHeader',
  'http.hasheader.dst',
  'lotermfield',
  'Names of response headers, lower case.',
);

export const requestHeaderNameField = headerPairs(
  'requestHeaderField',
  'http.header.request.field',
  false,
  'Names of request headers without a field of their own, one for each value.',
);
export const requestHeaderValueField = headerPairs(
  'requestHeaderValue',
  'http.hasheader.src.value',
  true,
  'Values of request headers without a field of their own, lower case.',
);
export const responseHeaderNameField = headerPairs(
  'responseHeaderField',
  'http.header.response.field',
  false,
  'Names of response headers without a field of their own, one for each value.',
);
export const responseHeaderValueField = headerPairs(
  'responseHeaderValue',
  'http.hasheader.dst.value',
  true,
  'Values of response headers without a field of their own, lower case.',
);

export const requestBodyField = onlyArkime(
  collected('keyword', 'http.request_body', 'Request bodies that are UTF-8 and not longer than max_request_body_bytes.', {
    path: 'http.requestBody',
    expression: 'http.reqbody',
    counted: false,
  }),
);
export const statusCodeField = onlyArkime(
  collected('long', 'http.statuscode', 'Statuses of responses, interim ones too.', { path: 'http.statuscode' }),
);
export const forwardedForField = onlyArkime(
  collected('ip', 'http.xff_ip', 'First address of X-Forwarded-For headers.', { path: 'http.xffIp', expression: 'ip.xff' }),
);

/** Methods that have a counter in the document; requests with others are not described there. */
export const countedMethods: readonly string[] = [
  'DELETE GET HEAD POST PUT CONNECT OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK BIND REBIND',
  'UNBIND ACL REPORT MKACTIVITY CHECKOUT MERGE M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE PATCH PURGE MKCALENDAR LINK',
  'UNLINK SOURCE',
]
  .join(' ')
  .split(' ');

/** By method: how many requests had it. */
export const methodCountFields: ReadonlyMap<string, SessionField> = new Map(
  countedMethods.map((method) => [
    method,
    onlyArkime(
      summed(`http.method_count.${method.toLowerCase()}`, `Requests with method ${method}.`, { path: `http.method-${method}` }),
    ),
  ]),
);

export const arkimeFields: readonly SessionField[] = [
  ...[uriField, pathField, keyField, valueField, cookieKeyField, cookieValueField, requestMethodField, agentField],
  ...[clientVersionField, serverVersionField, authTypeField, loginField, md5Field, sha256Field, bodyMagicField],
  ...[requestHeaderField, responseHeaderField, requestHeaderNameField, requestHeaderValueField],
  ...[responseHeaderNameField, responseHeaderValueField, requestBodyField, statusCodeField, forwardedForField],
  ...methodCountFields.values(),
];
