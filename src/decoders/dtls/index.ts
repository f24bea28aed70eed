export { dtlsDecoder } from './definition.ts';
