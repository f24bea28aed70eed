// What TFTP adds to its session's record.

import { collected } from '../session-field.ts';

export const tftpFields = {
  opcode: collected('keyword', 'tftp.opcode', 'Kinds of messages: rrq, wrq, data, ack, error, oack.', { path: 'tftp.opcode' }),
  filename: collected('keyword', 'tftp.filename', 'Names of the files that are read or written.', {
    path: 'tftp.filename',
  }),
};
