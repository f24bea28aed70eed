export { InitialKeys, initialPayload } from './initial-keys.ts';
