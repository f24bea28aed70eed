export { smtpDecoder } from './definition.ts';
