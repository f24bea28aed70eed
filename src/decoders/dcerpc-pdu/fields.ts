// What DCE/RPC adds to its session's record, over TCP as in the named pipes of SMB.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const dcerpcFields = {
  uuid: collected('keyword', 'dcerpc.uuid', 'UUIDs of the interfaces that clients bind to.', {
    path: 'dcerpc.uuid',
  }),
  interface: collected('keyword', 'dcerpc.interface', 'Names of those interfaces, where they are known.', {
    path: 'dcerpc.interface',
  }),
  messageType: collected(
    'keyword',
    'dcerpc.message_type',
    'Types of PDUs: bind, bind-ack, request, response, fault, … (C706 section 12.6).',
    { path: 'dcerpc.msgType' },
  ),
  operation: collected('long', 'dcerpc.operation_number', 'Numbers of the operations that are called.', {
    path: 'dcerpc.opnum',
  }),
  version: collected('keyword', 'dcerpc.interface_version', 'Major versions of the interfaces that clients bind to.', {
    path: 'dcerpc.version',
  }),
} as const satisfies Record<string, SessionField>;
