// What DCE/RPC adds to its session's record, over TCP as in the named pipes of SMB.

import type { SessionField } from '../../record/index.ts';
import { collected, named } from '../session-field.ts';

/** Types of PDUs by number; those of connectionless DCE/RPC keep their place. */
export const typeNames: readonly string[] = [
  ...['request', 'ping', 'response', 'fault', 'working', 'nocall', 'reject', 'ack', 'cl-cancel', 'fack', 'cancel-ack'],
  ...['bind', 'bind-ack', 'bind-nak', 'alter-context', 'alter-context-resp', 'auth3', 'shutdown', 'co-cancel', 'orphaned'],
];

export const dcerpcFields = {
  uuid: collected('keyword', 'dcerpc.uuid', 'UUIDs of the interfaces that clients bind to.', {
    path: 'dcerpc.uuid',
  }),
  interface: collected('keyword', 'dcerpc.interface', 'Names of those interfaces, where they are known.', {
    path: 'dcerpc.interface',
  }),
  messageType: named(
    typeNames,
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
