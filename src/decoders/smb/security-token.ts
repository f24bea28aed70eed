// The security tokens of session setups: NTLM as it is or in SPNEGO (RFC 4178 section 4.2). Called by the readers of
// SMB 1 and 2, on packet workers.

import { tagsField } from '../../record/index.ts';
import { isNtlm, noteNtlm, readIdentity } from '../ntlm/index.ts';
import { DerCursor, Tag } from '../x509/der-cursor.ts';
import { smbFields } from './fields.ts';
import type { SmbState } from './state.ts';

/** A NegTokenInit lies in an application item with the mechanism's name before it; a NegTokenResp stands alone. */
const initialTag = 0x60;
const initialChoice = 0xa0;
const responseChoice = 0xa1;
/** mechToken of a NegTokenInit, responseToken of a NegTokenResp. */
const tokenItem = 0xa2;
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
  const token = spnegoToken(bytes, from, to, state.deep);
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

/** The mechanism's token in a SPNEGO token: a cursor that has just read it. */
function spnegoToken(bytes: Buffer, from: number, to: number, initials: boolean): DerCursor | undefined {
  let outer = new DerCursor(bytes, from, to);
  if (!outer.next()) return undefined;
  if (outer.tag === initialTag && initials) {
    outer = outer.inside();
    if (!outer.expect(Tag.oid) || !outer.expect(initialChoice)) return undefined;
  } else if (outer.tag !== responseChoice) return undefined;
  const sequence = outer.inside();
  if (!sequence.expect(Tag.sequence)) return undefined;
  const items = sequence.inside();
  while (items.next()) {
    if (items.tag !== tokenItem) continue;
    const token = items.inside();
    return token.expect(Tag.octetString) ? token : undefined;
  }
  return undefined;
}
