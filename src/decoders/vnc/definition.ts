// VNC (RFB, RFC 6143) as recognition, configuration and the field registry see it, and its decoder: each side begins with
// the version that it speaks; what follows is not read. Runs on packet workers.

import { Type } from 'typebox';
import type { SessionField } from '../../record/index.ts';
import { type DecoderContext, type DecoderDefinition, type Direction, DONE, Verdict } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';

const versions: readonly [SessionField, SessionField] = [
  { name: 'vnc.client_version', type: 'keyword', many: false, meaning: 'RFB version of the client: 003.008.' },
  { name: 'vnc.server_version', type: 'keyword', many: false, meaning: 'RFB version of the server: 003.008.' },
];

/** RFC 6143 section 7.1.1; `d` stands for a digit. */
const pattern = 'RFB ddd.ddd\n';

/** As far as there are bytes, they are those of a version message. */
function isVersion(bytes: Buffer, from: number, to: number): boolean {
  const length = Math.min(pattern.length, to - from);
  for (let index = 0; index < length; index++) {
    const code = bytes[from + index] as number;
    const wanted = pattern.charCodeAt(index);
    const isDigit = code >= 0x30 && code <= 0x39;
    if (wanted === 0x64 ? !isDigit : code !== wanted) return false;
  }
  return true;
}

class VncDecoder extends FramedDecoder {
  readonly #heard: [boolean, boolean] = [false, false];
  /** The server speaks first; a session that was taken the wrong way round has it as direction 0. */
  #server: Direction | undefined = undefined;

  constructor(context: DecoderContext) {
    super(context, pattern.length);
  }

  protected override lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (!isVersion(bytes, at, to)) return noMessage;
    return to - at < pattern.length ? needMoreBytes : pattern.length;
  }

  protected override message(direction: Direction, bytes: Buffer, from: number): number {
    this.#server ??= direction;
    this.context.note(versions[direction === this.#server ? 1 : 0], bytes.toString('latin1', from + 4, from + 11));
    this.#heard[direction] = true;
    this.ignore(direction);
    return this.#heard[0] && this.#heard[1] ? DONE : 0;
  }
}

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (!isVersion(bytes, from, to)) return Verdict.no;
  return to - from < pattern.length ? Verdict.needMore : Verdict.certain;
}

export const vncDecoder: DecoderDefinition = {
  name: 'vnc',
  title: 'VNC, Remote Framebuffer',
  transports: ['tcp'],
  ports: [5900, 5901, 5902, 5903],
  firstBytes: [pattern.charCodeAt(0)],
  records: [],
  sessionFields: versions,
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new VncDecoder(context),
};
