export { nbnsDecoder } from './definition.ts';
