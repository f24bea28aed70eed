// What DNP3 adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const dnp3Fields = {
  source: collected('long', 'dnp3.source', 'Addresses of stations that sent frames.', { path: 'dnp3.src' }),
  destination: collected('long', 'dnp3.destination', 'Addresses of stations that frames were for.', {
    path: 'dnp3.dst',
  }),
  function: collected('long', 'dnp3.function_code', 'Functions of application messages.', { path: 'dnp3.func' }),
  functionName: collected('keyword', 'dnp3.function', 'Names of the functions: Read, DirectOperate, …', {
    path: 'dnp3.funcName',
  }),
} as const satisfies Record<string, SessionField>;
