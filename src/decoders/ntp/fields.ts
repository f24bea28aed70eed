// What NTP adds to its session's record.

import { collected } from '../session-field.ts';

export const ntpFields = {
  version: collected('long', 'ntp.version', 'Protocol versions.', { path: 'ntp.version' }),
  mode: collected('keyword', 'ntp.mode', 'Modes: client, server, broadcast, control, …', { path: 'ntp.mode' }),
  stratum: collected('keyword', 'ntp.stratum', 'Strata: unspecified, primary, secondary, unsynchronized or reserved.', {
    path: 'ntp.stratum',
  }),
  referenceId: collected(
    'keyword',
    'ntp.reference_id',
    'Reference clocks, kiss codes, or addresses of the servers that the sender is set by.',
    { path: 'ntp.refId', expression: 'ntp.ref-id' },
  ),
};
