export { mysqlDecoder } from './definition.ts';
