export { sctpDecoder } from './definition.ts';
