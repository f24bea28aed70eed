// What SMB adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected, single } from '../session-field.ts';

export const smbFields = {
  share: collected('keyword', 'smb.share', 'Shares that clients connect to.', { path: 'smb.share' }),
  filename: collected('keyword', 'smb.filename', 'Files that clients open, create or delete.', {
    path: 'smb.filename',
    expression: 'smb.fn',
  }),
  os: collected('keyword', 'smb.os', 'Operating systems that SMB 1 clients name.', { path: 'smb.os' }),
  domain: collected('keyword', 'smb.domain', 'Domains that clients log in to.', { path: 'smb.domain' }),
  version: collected('keyword', 'smb.version', 'Software (native LAN manager) that SMB 1 clients name.', {
    path: 'smb.version',
    expression: 'smb.ver',
  }),
  dialect: single('keyword', 'smb.dialect', 'Dialect that the server chose.', { path: 'smb.dialect' }),
  user: collected('keyword', 'smb.user', 'Users that log in.', { path: 'smb.user' }),
  host: collected('keyword', 'smb.host', 'Workstations that users log in from.', {
    path: 'smb.host',
    expression: 'host.smb',
  }),
} as const satisfies Record<string, SessionField>;
