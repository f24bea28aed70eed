export { ntpDecoder } from './definition.ts';
