export { ospfDecoder } from './definition.ts';
