export { sipDecoder } from './definition.ts';
