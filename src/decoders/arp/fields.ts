// What ARP adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const arpFields = {
  mac: collected('keyword', 'arp.mac', 'Link addresses that replies give.', {
    path: 'arp.mac',
    kind: 'lotermfield',
  }),
  ip: collected('ip', 'arp.ip', 'Addresses that requests ask for and replies are about.', { path: 'arp.ip' }),
  opcode: collected('long', 'arp.opcode', 'Operations: 1 request, 2 reply.', { path: 'arp.opcode' }),
} as const satisfies Record<string, SessionField>;
