export { ircDecoder } from './definition.ts';
