// What FTP adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const ftpFields = {
  command: collected('keyword', 'ftp.command', 'Commands sent, upper case.', {
    path: 'ftp.command',
    kind: 'uptermfield',
  }),
  file: collected('keyword', 'ftp.file_name', 'Files that were fetched, stored, renamed or deleted.', {
    path: 'ftp.filename',
  }),
  code: collected('long', 'ftp.response_code', 'Codes of replies.', { path: 'ftp.responseCode' }),
  banner: collected('keyword', 'ftp.banner', 'What servers say first: the text of reply 220.', {
    path: 'ftp.banner',
  }),
} as const satisfies Record<string, SessionField>;
