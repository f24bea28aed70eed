// Versions of QUIC whose Initial packets can be read: the salts of their keys and the labels that these are made with (RFC
// 9001 section 5.2, RFC 9369 section 3.3, the drafts, and Google’s and Facebook’s own numbers).

export interface InitialSecrets {
  /** What the keys are made with: the salt, 20 bytes, and what the labels of key, IV and header protection begin with. */
  readonly derivation: Buffer;
  /** Bits of the first byte that say Initial. */
  readonly initialType: number;
  /** Type of the frames with the client hello: 6 (RFC 9000 section 19.6), 8 with Google's own. */
  readonly cryptoFrame: number;
  /** The client hello is one of QUIC Crypto, not of TLS. */
  readonly isTagged: boolean;
}

const cryptoFrame = 0x06;
const googleCryptoFrame = 0x08;

/** `prefix`: of the labels. */
function secretsOf(salt: string, prefix: string, initialType: number, frame: number, isTagged: boolean): InitialSecrets {
  const derivation = Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(prefix, 'latin1')]);
  return { derivation, initialType, cryptoFrame: frame, isTagged };
}

function secrets(salt: string, frame = cryptoFrame, isTagged = false): InitialSecrets {
  return secretsOf(salt, 'quic', 0, frame, isTagged);
}

const version1 = secrets('38762cf7f55934b34d179ae6a4c80cadccbb7f0a');
const version2 = secretsOf('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'quicv2', 1, cryptoFrame, false);
const draft29 = secrets('afbfec289993d24c9e9786f19c6111e04390a899');
const draft23 = secrets('c3eef712c72ebb5a11a7d2432bb46365bef9f502');
const draft22 = secrets('7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a');
const q050 = secrets('504574efd066fe2f9d945cfcdbd3a7f0d3b56b45', googleCryptoFrame, true);
const t050 = secrets('7ff579e5acd072915580304c43a2367c60488310', googleCryptoFrame);
const t051 = secrets('7a4edef4e7ccee5fa4506c19124fc8ccda6e033d', googleCryptoFrame);

const Draft = { first: 0xff00_0016, changed23: 0xff00_0017, changed29: 0xff00_001d, last: 0xff00_0022 } as const;

/** undefined for versions that are not known. */
export function initialSecrets(version: number): InitialSecrets | undefined {
  switch (version) {
    case 0x0000_0001:
      return version1;
    case 0x6b33_43cf:
      return version2;
    case 0xface_b001:
      return draft22;
    case 0xface_b002:
    case 0xface_b00e:
      return draft23;
    case 0x5130_3530: // Q050
      return q050;
    case 0x5430_3530: // T050
      return t050;
    case 0x5430_3531: // T051
      return t051;
  }
  if (version < Draft.first || version > Draft.last) return undefined;
  return version >= Draft.changed29 ? draft29 : version >= Draft.changed23 ? draft23 : draft22;
}

/**
 * Number of a version of Google’s QUIC whose hellos are in clear, from its four characters at `at`: 43 for `Q043`; -1 for
 * anything else.
 */
export function googleVersion(bytes: Buffer, at: number, to: number): number {
  if (to - at < 4 || bytes[at] !== 0x51 || bytes[at + 1] !== 0x30) return -1;
  const tens = (bytes[at + 2] as number) - 0x30;
  const ones = (bytes[at + 3] as number) - 0x30;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1;
  return tens * 10 + ones;
}
