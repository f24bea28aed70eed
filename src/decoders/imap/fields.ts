// What IMAP adds to its session's record, besides the mail it carries.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const imapFields = {
  folder: collected('keyword', 'email.folder', 'Mailboxes that were opened.', { path: 'email.folder', utf8: true }),
} as const satisfies Record<string, SessionField>;
