export { snmpDecoder } from './definition.ts';
