// SASL exchanges in base64 lines, as mail protocols carry them. No protocol.

export { SaslExchange } from './exchange.ts';
