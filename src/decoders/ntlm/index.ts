export { isNtlm, type NtlmIdentity, noteNtlm, noteNtlmBase64, readIdentity } from './message.ts';
export { ntlmFields } from './session-fields.ts';
