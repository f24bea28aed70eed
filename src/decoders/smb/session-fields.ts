// What SMB adds to the session's own record.

import type { SessionField } from '../../record/index.ts';

export const shareField: SessionField = {
  name: 'smb.share',
  type: 'keyword',
  many: true,
  meaning: 'Shares that clients connect to.',
  arkime: { path: 'smb.share', expression: 'smb.share', kind: 'termfield', count: 'Cnt' },
};
export const filenameField: SessionField = {
  name: 'smb.filename',
  type: 'keyword',
  many: true,
  meaning: 'Files that clients open, create or delete.',
  arkime: { path: 'smb.filename', expression: 'smb.fn', kind: 'termfield', count: 'Cnt' },
};
export const osField: SessionField = {
  name: 'smb.os',
  type: 'keyword',
  many: true,
  meaning: 'Operating systems that SMB 1 clients name.',
  arkime: { path: 'smb.os', expression: 'smb.os', kind: 'termfield', count: 'Cnt' },
};
export const domainField: SessionField = {
  name: 'smb.domain',
  type: 'keyword',
  many: true,
  meaning: 'Domains that clients log in to.',
  arkime: { path: 'smb.domain', expression: 'smb.domain', kind: 'termfield', count: 'Cnt' },
};
export const versionField: SessionField = {
  name: 'smb.version',
  type: 'keyword',
  many: true,
  meaning: 'Software (native LAN manager) that SMB 1 clients name.',
  arkime: { path: 'smb.version', expression: 'smb.ver', kind: 'termfield', count: 'Cnt' },
};
export const dialectField: SessionField = {
  name: 'smb.dialect',
  type: 'keyword',
  many: false,
  meaning: 'Dialect that the server chose.',
  arkime: { path: 'smb.dialect', expression: 'smb.dialect', kind: 'termfield' },
};
export const userField: SessionField = {
  name: 'smb.user',
  type: 'keyword',
  many: true,
  meaning: 'Users that log in.',
  arkime: { path: 'smb.user', expression: 'smb.user', kind: 'termfield', count: 'Cnt' },
};
export const hostField: SessionField = {
  name: 'smb.host',
  type: 'keyword',
  many: true,
  meaning: 'Workstations that users log in from.',
  arkime: { path: 'smb.host', expression: 'host.smb', kind: 'termfield', count: 'Cnt' },
};
export const smbFields: readonly SessionField[] = [
  shareField,
  filenameField,
  osField,
  domainField,
  versionField,
  dialectField,
  userField,
  hostField,
];
