// What NTLM messages add to the session's own record. Every decoder that carries NTLM lists them among its own.

import { type SessionField, userField } from '../../record/index.ts';

export const typeField: SessionField = {
  name: 'ntlm.type',
  type: 'long',
  many: true,
  meaning: 'NTLM messages seen: 1 negotiate, 2 challenge, 3 authenticate.',
  arkime: { path: 'ntlm.type', expression: 'ntlm.type', kind: 'integer', count: 'Cnt' },
};
export const domainField: SessionField = {
  name: 'ntlm.domain',
  type: 'keyword',
  many: true,
  meaning: 'Domains that clients name in NTLM messages.',
  arkime: { path: 'ntlm.domain', expression: 'ntlm.domain', kind: 'termfield', count: 'Cnt' },
};
export const hostField: SessionField = {
  name: 'ntlm.host',
  type: 'keyword',
  many: true,
  meaning: 'Workstations that clients name in NTLM messages.',
  arkime: { path: 'ntlm.host', expression: 'ntlm.host', kind: 'termfield', count: 'Cnt' },
};
export const targetNameField: SessionField = {
  name: 'ntlm.target_name',
  type: 'keyword',
  many: true,
  meaning: 'Targets (domain or server) of NTLM challenges.',
  arkime: { path: 'ntlm.targetName', expression: 'ntlm.targetName', kind: 'termfield', count: 'Cnt' },
};
export const versionField: SessionField = {
  name: 'ntlm.version',
  type: 'keyword',
  many: true,
  meaning: 'Versions of the operating systems that speak NTLM: major.minor.build.',
  arkime: { path: 'ntlm.version', expression: 'ntlm.version', kind: 'termfield', count: 'Cnt' },
};

/** Includes the user names of the session. */
export const ntlmFields: readonly SessionField[] = [typeField, domainField, hostField, targetNameField, versionField, userField];
