// What DCE/RPC adds to the session's own record, over TCP as in the named pipes of SMB.

import type { SessionField } from '../../record/index.ts';

export const uuidField: SessionField = {
  name: 'dcerpc.uuid',
  type: 'keyword',
  many: true,
  meaning: 'UUIDs of the interfaces that clients bind to.',
  arkime: { path: 'dcerpc.uuid', expression: 'dcerpc.uuid', kind: 'termfield', count: 'Cnt' },
};
export const interfaceField: SessionField = {
  name: 'dcerpc.interface',
  type: 'keyword',
  many: true,
  meaning: 'Names of those interfaces, where they are known.',
  arkime: { path: 'dcerpc.interface', expression: 'dcerpc.interface', kind: 'termfield', count: 'Cnt' },
};
export const messageTypeField: SessionField = {
  name: 'dcerpc.message_type',
  type: 'keyword',
  many: true,
  meaning: 'Types of PDUs: bind, bind-ack, request, response, fault, … (C706 section 12.6).',
  arkime: { path: 'dcerpc.msgType', expression: 'dcerpc.msgType', kind: 'termfield', count: 'Cnt' },
};
export const operationField: SessionField = {
  name: 'dcerpc.operation_number',
  type: 'long',
  many: true,
  meaning: 'Numbers of the operations that are called.',
  arkime: { path: 'dcerpc.opnum', expression: 'dcerpc.opnum', kind: 'integer', count: 'Cnt' },
};
export const versionField: SessionField = {
  name: 'dcerpc.interface_version',
  type: 'keyword',
  many: true,
  meaning: 'Major versions of the interfaces that clients bind to.',
  arkime: { path: 'dcerpc.version', expression: 'dcerpc.version', kind: 'termfield', count: 'Cnt' },
};
export const dcerpcFields: readonly SessionField[] = [uuidField, interfaceField, messageTypeField, operationField, versionField];
