export { s7commDecoder } from './definition.ts';
