export { panaDecoder } from './definition.ts';
