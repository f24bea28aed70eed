export { ftpDecoder } from './definition.ts';
