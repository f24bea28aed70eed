export { quicDecoder } from './definition.ts';
export { fbzeroDecoder } from './zero-decoder.ts';
