export { lldpDecoder, logicalLinkDecoder } from './definition.ts';
