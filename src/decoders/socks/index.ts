export { socksDecoder } from './definition.ts';
