export { modbusDecoder } from './definition.ts';
