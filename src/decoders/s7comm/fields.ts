// What S7 communication adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const s7commFields = {
  rosctr: collected('long', 's7comm.rosctr', 'Kinds of messages: 1 job, 2 ack, 3 ack with data, 7 userdata.', {
    path: 's7comm.rosctr',
  }),
  function: collected('long', 's7comm.function_code', 'Functions: first parameter of messages.', {
    path: 's7comm.func',
  }),
  functionName: collected('keyword', 's7comm.function', 'Names of functions: Read Var, PLC Stop, …', {
    path: 's7comm.funcName',
  }),
  reference: collected('long', 's7comm.pdu_reference', 'References that tie answers to jobs.', {
    path: 's7comm.pduref',
  }),
  errorClass: collected('long', 's7comm.error_class', 'Classes of errors in answers, without 0.', {
    path: 's7comm.errorClass',
  }),
  errorCode: collected('long', 's7comm.error_code', 'Codes of errors in answers, without 0.', {
    path: 's7comm.errorCode',
  }),
  opcode: collected('long', 's7comm.opcode', 'S7comm-plus: 49 request, 50 response, 51 notification.', {
    path: 's7comm.opcode',
  }),
} as const satisfies Record<string, SessionField>;
