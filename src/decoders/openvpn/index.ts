export { openvpnDecoder } from './definition.ts';
