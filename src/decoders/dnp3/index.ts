export { dnp3Decoder } from './definition.ts';
