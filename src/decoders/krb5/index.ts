export { krb5Decoder } from './definition.ts';
