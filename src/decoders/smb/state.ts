// What the readers of SMB 1 and SMB 2 know of their session and share. Part of the decoder; packet workers.

import type { SessionField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import { isPdu, notePdu, pduLength } from '../dcerpc-pdu/index.ts';

/** The share of named pipes (MS-SMB 1.1). */
const pipeShare = /(^|\\)ipc\$$/i;

export class SmbState {
  readonly context: DecoderContext;
  /** Whether to read what Arkime does not (option `deep`). */
  readonly deep: boolean;
  /** Dialects that the client offers, in order, until the server has chosen. */
  dialects: string[] = [];
  /** Data of reads and writes may be that of named pipes: until a share is known, and once it is that of the pipes. */
  hasPipes: boolean;
  #knowsShare = false;

  constructor(context: DecoderContext, deep: boolean) {
    this.context = context;
    this.deep = deep;
    this.hasPipes = deep;
  }

  note(field: SessionField, text: string): void {
    if (text !== '') this.context.note(field, text);
  }

  connected(share: string): void {
    if (!this.deep) return;
    this.hasPipes = pipeShare.test(share) || (this.#knowsShare && this.hasPipes);
    this.#knowsShare = true;
  }

  /** Data that goes through a file or a pipe: only what is DCE/RPC is of interest. */
  throughPipe(bytes: Buffer, from: number, to: number): void {
    for (let at = from; this.hasPipes && at < to && isPdu(bytes, at, to); ) {
      const length = pduLength(bytes, at, to);
      if (length === 0) return;
      notePdu(this.context, bytes, at, Math.min(to, at + length));
      at += length;
    }
  }
}
