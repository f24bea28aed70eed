export { ldapDecoder } from './definition.ts';
