// What Kerberos adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const krb5Fields = {
  realm: collected('keyword', 'krb5.realm', 'Realms of requests, replies and errors.', { path: 'krb5.realm' }),
  clientName: collected('keyword', 'krb5.client_name', 'Names of clients, their components with slashes between.', {
    path: 'krb5.cname',
  }),
  serviceName: collected(
    'keyword',
    'krb5.service_name',
    'Names of services that tickets are asked for, their components with slashes between.',
    { path: 'krb5.sname' },
  ),
  encryptionType: collected(
    'keyword',
    'krb5.encryption_type',
    'Encryption types that clients offer (RFC 4120 section 5.4.1; IANA names).',
    { path: 'krb5.etype' },
  ),
  error: collected('keyword', 'krb5.error', 'Errors (RFC 4120 section 7.5.9).', { path: 'krb5.error' }),
} as const satisfies Record<string, SessionField>;
