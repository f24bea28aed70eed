export { opcuaDecoder } from './definition.ts';
