export { tftpDecoder } from './definition.ts';
