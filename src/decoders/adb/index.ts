export { adbDecoder } from './definition.ts';
