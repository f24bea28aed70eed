export { imapDecoder } from './definition.ts';
