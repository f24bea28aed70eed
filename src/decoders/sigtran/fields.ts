// What a session's record says of SS7 signalling over IP: service indicators, point codes, operations, parties.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../collected-field.ts';

export const serviceIndicatorField = collected(
  'long',
  'm3ua.service_indicator',
  'Users of MTP3 (Q.704): 3 SCCP, 4 TUP, 5 ISUP, …',
  {
    path: 'm3ua.si',
  },
);
export const sourceField = collected('long', 'sccp.source', 'Point codes of calling parties.', { path: 'sccp.src' });
export const destinationField = collected('long', 'sccp.destination', 'Point codes of called parties.', { path: 'sccp.dst' });
export const opcodeField = collected('long', 'tcap.opcode', 'Local operation codes of components.', { path: 'tcap.opcode' });

const camel = (name: string, meaning: string, path: string, kind: 'termfield' | 'lotermfield' = 'termfield'): SessionField =>
  collected('keyword', `camel.${name}`, meaning, { path: `camel.${path}`, kind });

export const operationField = camel('operation', 'CAP operations (3GPP TS 29.078): initialDP, …', 'op', 'lotermfield');
export const callingField = camel('calling', 'Numbers of calling parties.', 'calling');
export const calledField = camel('called', 'Numbers of called parties.', 'called');
export const imsiField = camel('imsi', 'Subscribers (IMSI).', 'imsi');

export const sigtranFields = [
  serviceIndicatorField,
  sourceField,
  destinationField,
  opcodeField,
  operationField,
  callingField,
  calledField,
  imsiField,
];
