// What PTP adds to its session's record.

import { collected } from '../session-field.ts';

export const ptpFields = {
  messageType: collected('keyword', 'ptp.message_type', 'Kinds of messages: sync, follow_up, announce, …', {
    path: 'ptp.msgType',
  }),
  clockIdentity: collected('keyword', 'ptp.clock_identity', "Identities of the senders' clocks (EUI-64).", {
    path: 'ptp.clockId',
  }),
};
