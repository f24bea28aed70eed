// Mail messages: their header fields, parts and attachments. A format of SMTP and IMAP, no protocol.

export { addressLiteral, mailPath } from './addresses.ts';
export { decodedBase64Of } from './base64.ts';
export { folderField, mailFields } from './fields.ts';
export { HeaderBlock } from './header-block.ts';
export { MailHeaders, type MailSettings } from './mail-headers.ts';
export { MessageReader } from './message-reader.ts';
