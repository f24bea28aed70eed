export { smbDecoder } from './definition.ts';
