// Session fields that belong to no single protocol: several decoders, the session room and rules add to them.

import type { SessionField } from './contract.ts';

export const tagsField: SessionField = {
  name: 'tags',
  type: 'keyword',
  many: true,
  meaning: 'Marks of the session: what decoders found odd or worth finding, and what rules say.',
  arkime: { path: 'tags', expression: 'tags', kind: 'termfield', count: 'Cnt', linked: true },
};

export const userField: SessionField = {
  name: 'related.user',
  type: 'keyword',
  many: true,
  meaning: 'User names seen in the session, lower case.',
  arkime: { path: 'user', expression: 'user', kind: 'lotermfield', count: 'Cnt', linked: true },
};

export const assetField: SessionField = {
  name: 'session.asset',
  type: 'keyword',
  many: true,
  meaning: 'Assets that rules name.',
  arkime: { path: 'asset', expression: 'asset', kind: 'lotermfield', count: 'Cnt', linked: true },
};

/** Noted by HTTP (Host header), TLS and QUIC (server name): what was asked for, whichever says it. */
export const hostField: SessionField = {
  name: 'http.host',
  type: 'keyword',
  many: true,
  meaning: 'Hosts asked for, lower case, without port: Host headers, server names of TLS and QUIC handshakes.',
  arkime: { path: 'http.host', expression: 'host.http', kind: 'lotermfield', count: 'Cnt' },
  only: 'arkime',
};

export const commonFields: readonly SessionField[] = [tagsField, userField, assetField, hostField];
