export { oracleDecoder } from './definition.ts';
