export { pop3Decoder } from './definition.ts';
