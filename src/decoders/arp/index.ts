export { arpDecoder } from './definition.ts';
