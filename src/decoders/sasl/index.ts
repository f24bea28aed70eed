// SASL exchanges in base64 lines, as mail protocols carry them. No protocol.

export { ntlmFields as saslFields } from '../ntlm/index.ts';
export { SaslExchange } from './exchange.ts';
