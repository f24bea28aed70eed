export { isPdu, notePdu, pduLength } from './pdu.ts';
export { dcerpcFields } from './session-fields.ts';
