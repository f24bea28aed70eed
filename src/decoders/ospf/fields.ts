// What OSPF adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const ospfFields = {
  type: collected('keyword', 'ospf.message_type', 'Types of packets: Hello, DBDesc, LSReq, LSUpdate, LSAck, unk-N.', {
    path: 'ospf.msgType',
    counted: false,
  }),
  router: collected('keyword', 'ospf.router_id', 'Routers that sent packets, dotted.', {
    path: 'ospf.routerId',
    counted: false,
  }),
  area: collected('keyword', 'ospf.area_id', 'Areas of the packets, dotted.', {
    path: 'ospf.areaId',
    counted: false,
  }),
} as const satisfies Record<string, SessionField>;
