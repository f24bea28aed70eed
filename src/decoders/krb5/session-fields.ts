// What Kerberos adds to the session's own record.

import type { SessionField } from '../../record/index.ts';

export const realmField: SessionField = {
  name: 'krb5.realm',
  type: 'keyword',
  many: true,
  meaning: 'Realms of requests, replies and errors.',
  arkime: { path: 'krb5.realm', expression: 'krb5.realm', kind: 'termfield', count: 'Cnt' },
};
export const clientNameField: SessionField = {
  name: 'krb5.client_name',
  type: 'keyword',
  many: true,
  meaning: 'Names of clients, their components with slashes between.',
  arkime: { path: 'krb5.cname', expression: 'krb5.cname', kind: 'termfield', count: 'Cnt' },
};
export const serviceNameField: SessionField = {
  name: 'krb5.service_name',
  type: 'keyword',
  many: true,
  meaning: 'Names of services that tickets are asked for, their components with slashes between.',
  arkime: { path: 'krb5.sname', expression: 'krb5.sname', kind: 'termfield', count: 'Cnt' },
};
export const encryptionTypeField: SessionField = {
  name: 'krb5.encryption_type',
  type: 'keyword',
  many: true,
  meaning: 'Encryption types that clients offer (RFC 4120 section 5.4.1; IANA names).',
  arkime: { path: 'krb5.etype', expression: 'krb5.etype', kind: 'termfield', count: 'Cnt' },
};
export const errorField: SessionField = {
  name: 'krb5.error',
  type: 'keyword',
  many: true,
  meaning: 'Errors (RFC 4120 section 7.5.9).',
  arkime: { path: 'krb5.error', expression: 'krb5.error', kind: 'termfield', count: 'Cnt' },
};
export const krb5Fields: readonly SessionField[] = [
  realmField,
  clientNameField,
  serviceNameField,
  encryptionTypeField,
  errorField,
];
