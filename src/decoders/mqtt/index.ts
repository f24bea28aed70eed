export { mqttDecoder } from './definition.ts';
