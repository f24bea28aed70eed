export { webSocketDecoder } from './definition.ts';
