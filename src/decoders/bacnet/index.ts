export { bacnetDecoder } from './definition.ts';
