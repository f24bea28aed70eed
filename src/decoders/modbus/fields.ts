// What Modbus adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected, single } from '../session-field.ts';

export const modbusFields = {
  unit: single('long', 'modbus.unit_id', 'First unit spoken to.', { path: 'modbus.unitid' }),
  protocol: single('long', 'modbus.protocol_id', 'Protocol identifier of the header, always 0.', {
    path: 'modbus.protocolid',
  }),
  transaction: collected('long', 'modbus.transaction_id', 'Transaction identifiers of requests.', {
    path: 'modbus.transactionid',
  }),
  function: collected('long', 'modbus.function_code', 'Functions that requests ask for.', {
    path: 'modbus.funccode',
  }),
  exception: collected('long', 'modbus.exception_code', 'Exceptions that responses give.', {
    path: 'modbus.exccode',
  }),
} as const satisfies Record<string, SessionField>;
