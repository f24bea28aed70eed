// Mail messages: their header fields, parts and attachments. A format of SMTP and IMAP, no protocol.

export { mailPath } from './addresses.ts';
export { mailFields } from './fields.ts';
export { HeaderBlock } from './header-block.ts';
export { type MailSettings, noteMailHeader } from './mail-headers.ts';
export { MessageReader } from './message-reader.ts';
