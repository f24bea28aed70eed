// The security tokens of session setups: NTLM as it is or in SPNEGO (RFC 4178 section 4.2). Called by the readers of
// SMB 1 and 2, on packet workers.

import { tagsField } from '../../record/index.ts';
import { isNtlm, negotiatedIn, noteNtlm, readIdentity } from '../ntlm/index.ts';
import { smbFields } from './fields.ts';
import type { SmbState } from './state.ts';

const authenticateType = 3;

/**
 * Notes what the token says.
 * Without `deep` as Arkime does: no NegTokenInit is read, and only tokens in SPNEGO name the user of the SMB session.
 */
export function noteSecurityToken(state: SmbState, bytes: Buffer, from: number, to: number): void {
  if (isNtlm(bytes, from, to)) {
    const type = noteNtlm(state.context, bytes, from, to);
    if (state.deep && type === authenticateType) noteIdentity(state, bytes, from, to);
    return;
  }
  const token = negotiatedIn(bytes, from, to, state.deep);
  if (token === undefined) return;
  const type = noteNtlm(state.context, bytes, token.from, token.to);
  if (type === authenticateType) noteIdentity(state, bytes, token.from, token.to);
}

function noteIdentity(state: SmbState, bytes: Buffer, from: number, to: number): void {
  const { domain, user, host, complete } = readIdentity(bytes, from, to);
  if (!complete) {
    state.context.note(tagsField, 'smb:bad-security-blob');
    return;
  }
  state.note(smbFields.domain, domain);
  state.note(smbFields.user, user);
  state.note(smbFields.host, host);
}
