export { icmpDecoder } from './definition.ts';
