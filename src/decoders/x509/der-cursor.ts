// Walks DER (X.690): BER with tags of one byte and definite lengths alone, which is all that certificates, Kerberos, LDAP and
// security tokens write. Called by their readers, on packet workers.

import { BerCursor } from '../ber-cursor.ts';

export { Tag } from '../ber-cursor.ts';

export class DerCursor extends BerCursor {
  constructor(bytes: Buffer, from: number, end: number) {
    super(bytes, from, end, true);
  }

  override inside(): DerCursor {
    return new DerCursor(this.bytes, this.from, this.to);
  }
}
