export { stunDecoder } from './definition.ts';
