export { enipDecoder } from './definition.ts';
