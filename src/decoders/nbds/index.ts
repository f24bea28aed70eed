export { nbdsDecoder } from './definition.ts';
