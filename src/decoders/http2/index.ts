export { http2Decoder } from './definition.ts';
