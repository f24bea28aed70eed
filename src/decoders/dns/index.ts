export { dnsDecoder } from './definition.ts';
