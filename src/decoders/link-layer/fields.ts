// What frames without an EtherType add to their session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const linkLayerFields = {
  isis: collected('keyword', 'isis.message_type', 'Types of IS-IS packets: lan-l1-hello, l2-lsp, …, unk-N.', {
    path: 'isis.msgType',
    kind: 'lotermfield',
    counted: false,
  }),
  esis: collected('keyword', 'esis.type', 'Types of ES-IS packets: esh, ish, rd, unknown-N.', {
    path: 'esis.type',
    kind: 'lotermfield',
    counted: false,
  }),
} as const satisfies Record<string, SessionField>;
