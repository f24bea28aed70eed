export { rdpDecoder } from './definition.ts';
