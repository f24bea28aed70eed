export { httpDecoder } from './definition.ts';
export type { HttpRecord } from './record.ts';
export type { HttpTransaction, Message as HttpMessage } from './transaction.ts';
