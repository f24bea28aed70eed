export { vncDecoder } from './definition.ts';
