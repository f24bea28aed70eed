// What ICMP adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const icmpFields = {
  type: collected('long', 'icmp.type', 'Types of ICMP messages; those of ICMPv6 have numbers of their own.', {
    path: 'icmp.type',
    counted: false,
  }),
  code: collected('long', 'icmp.code', 'Codes of ICMP messages.', { path: 'icmp.code', counted: false }),
} as const satisfies Record<string, SessionField>;
