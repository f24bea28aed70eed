export { isakmpDecoder } from './definition.ts';
