export { telnetDecoder } from './definition.ts';
