export { ptpDecoder } from './definition.ts';
