export { ntlmFields } from './fields.ts';
export { isNtlm, type NtlmIdentity, noteNtlm, readIdentity } from './message.ts';
export { negotiatedIn, noteSecurityToken, noteSecurityTokenBase64 } from './security-token.ts';
