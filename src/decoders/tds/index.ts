export { tdsDecoder } from './definition.ts';
