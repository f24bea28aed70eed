export { diameterDecoder } from './definition.ts';
