export { postgresqlDecoder } from './definition.ts';
