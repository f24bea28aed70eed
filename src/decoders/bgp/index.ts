export { bgpDecoder } from './definition.ts';
