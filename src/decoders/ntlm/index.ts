export { ntlmFields } from './fields.ts';
export { isNtlm, type NtlmIdentity, noteNtlm, noteNtlmBase64, readIdentity } from './message.ts';
