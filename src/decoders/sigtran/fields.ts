// What SS7 signalling over IP adds to its session's record: service indicators, point codes, operations, parties.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

const camel = (name: string, meaning: string, path: string, kind: 'termfield' | 'lotermfield' = 'termfield'): SessionField =>
  collected('keyword', `camel.${name}`, meaning, { path: `camel.${path}`, kind });

export const sigtranFields = {
  serviceIndicator: collected('long', 'm3ua.service_indicator', 'Users of MTP3 (Q.704): 3 SCCP, 4 TUP, 5 ISUP, …', {
    path: 'm3ua.si',
  }),
  source: collected('long', 'sccp.source', 'Point codes of calling parties.', { path: 'sccp.src' }),
  destination: collected('long', 'sccp.destination', 'Point codes of called parties.', { path: 'sccp.dst' }),
  opcode: collected('long', 'tcap.opcode', 'Local operation codes of components.', { path: 'tcap.opcode' }),
  operation: camel('operation', 'CAP operations (3GPP TS 29.078): initialDP, …', 'op', 'lotermfield'),
  calling: camel('calling', 'Numbers of calling parties.', 'calling'),
  called: camel('called', 'Numbers of called parties.', 'called'),
  imsi: camel('imsi', 'Subscribers (IMSI).', 'imsi'),
} as const satisfies Record<string, SessionField>;
