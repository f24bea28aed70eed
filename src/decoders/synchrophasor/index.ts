export { synchrophasorDecoder } from './definition.ts';
