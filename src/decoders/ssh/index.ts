export { sshDecoder } from './definition.ts';
