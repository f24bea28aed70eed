export { c1222Decoder } from './definition.ts';
