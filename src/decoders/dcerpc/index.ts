export { dcerpcDecoder } from './definition.ts';
