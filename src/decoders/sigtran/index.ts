export { sigtranFields } from './fields.ts';
export { readM2ua, readM3ua } from './user-adaptation.ts';
