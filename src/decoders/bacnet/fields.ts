// What BACnet adds to its session's record, and the names of its codes.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const bacnetFields = {
  function: collected('keyword', 'bacnet.function', 'Functions of the virtual link: original-unicast, …', {
    path: 'bacnet.function',
  }),
  service: collected('keyword', 'bacnet.service', 'Services asked for: read-property, who-is, …', {
    path: 'bacnet.service',
  }),
  type: collected('keyword', 'bacnet.apdu_type', 'Types of application messages: confirmed-request, …', {
    path: 'bacnet.apduType',
    expression: 'bacnet.apdu-type',
  }),
  objectName: collected('keyword', 'bacnet.object_name', 'Names of objects asked for and announced.', {
    path: 'bacnet.objectName',
    expression: 'bacnet.object-name',
  }),
} as const satisfies Record<string, SessionField>;

/** Annex J.2. */
export const functionNames = [
  'result',
  'write-bdt',
  'read-bdt',
  'read-bdt-ack',
  'forwarded-npdu',
  'register-foreign-device',
  'read-fdt',
  'read-fdt-ack',
  'delete-fdt-entry',
  'distribute-broadcast',
  'original-unicast',
  'original-broadcast',
  'secured-bvll',
];

/** By the upper four bits of an application message's first byte (section 20.1). */
export const typeNames = [
  'confirmed-request',
  'unconfirmed-request',
  'simple-ack',
  'complex-ack',
  'segment-ack',
  'error',
  'reject',
  'abort',
];

/** BACnetConfirmedServiceChoice (section 21). */
export const confirmedServices = [
  'acknowledge-alarm',
  'confirmed-cov-notification',
  'confirmed-event-notification',
  'get-alarm-summary',
  'get-enrollment-summary',
  'subscribe-cov',
  'atomic-read-file',
  'atomic-write-file',
  'add-list-element',
  'remove-list-element',
  'create-object',
  'delete-object',
  'read-property',
  'read-property-conditional',
  'read-property-multiple',
  'write-property',
  'write-property-multiple',
  'device-communication-control',
  'confirmed-private-transfer',
  'confirmed-text-message',
  'reinitialize-device',
  'vt-open',
  'vt-close',
  'vt-data',
  'authenticate',
  'request-key',
  'read-range',
  'life-safety-operation',
  'subscribe-cov-property',
  'get-event-information',
];

/** BACnetUnconfirmedServiceChoice (section 21). */
export const unconfirmedServices = [
  'i-am',
  'i-have',
  'unconfirmed-cov-notification',
  'unconfirmed-event-notification',
  'unconfirmed-private-transfer',
  'unconfirmed-text-message',
  'time-synchronization',
  'who-has',
  'who-is',
  'utc-time-synchronization',
];
