export { tlsDecoder } from './definition.ts';
