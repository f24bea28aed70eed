export { rpcDecoder } from './definition.ts';
