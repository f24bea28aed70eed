export { radiusDecoder } from './definition.ts';
