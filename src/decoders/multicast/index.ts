export { igmpDecoder, pimDecoder } from './definition.ts';
