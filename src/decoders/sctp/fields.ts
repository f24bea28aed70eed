// What SCTP adds to its session's record, besides what its payloads add.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const sctpFields = {
  protocol: collected('long', 'sctp.payload_protocol_id', 'Payload protocol identifiers of user messages.', {
    path: 'sctp.protoId',
    counted: false,
  }),
} as const satisfies Record<string, SessionField>;
