// Protocol version numbers of the record and handshake layers, and how they are written in records.

export const Version = {
  ssl2: 0x0002,
  ssl3: 0x0300,
  tls10: 0x0301,
  tls11: 0x0302,
  tls12: 0x0303,
  tls13: 0x0304,
  /** DTLS counts downwards (RFC 4347, RFC 6347, RFC 9147); 0x0100 is what OpenSSL sent before the RFC. */
  dtls10Early: 0x0100,
  dtls10: 0xfeff,
  dtls12: 0xfefd,
  dtls13: 0xfefc,
} as const;

/** `tls.version`: digits only, as ECS has it. Drafts of 1.3 (0x7fXX) read `1.3`; unknown ones `0x....`. */
export function versionText(version: number): string {
  switch (version) {
    case Version.ssl2:
      return '2.0';
    case Version.ssl3:
      return '3.0';
    case Version.tls10:
      return '1.0';
    case Version.tls11:
      return '1.1';
    case Version.tls12:
      return '1.2';
    case Version.tls13:
      return '1.3';
    case Version.dtls10Early:
    case Version.dtls10:
      return '1.0';
    case Version.dtls12:
      return '1.2';
    case Version.dtls13:
      return '1.3';
    default:
      return isTls13(version) ? '1.3' : `0x${version.toString(16).padStart(4, '0')}`;
  }
}

/** The version as Arkime's documents name it: `TLSv1.2`, `SSLv3`, `TLSv1.3-draft-18`; unknown ones `0x....`. */
export function versionName(version: number): string {
  switch (version) {
    case Version.ssl2:
      return 'SSLv2';
    case Version.ssl3:
      return 'SSLv3';
    case Version.tls10:
      return 'TLSv1';
    case Version.tls11:
      return 'TLSv1.1';
    case Version.tls12:
      return 'TLSv1.2';
    case Version.tls13:
      return 'TLSv1.3';
    default: {
      if (version >> 8 === 0x7f) return `TLSv1.3-draft-${String(version & 0xff).padStart(2, '0')}`;
      return `0x${version.toString(16).padStart(4, '0')}`;
    }
  }
}

/** `tls.version_protocol`. */
export function versionProtocol(version: number): string {
  return version === Version.ssl2 || version === Version.ssl3 ? 'ssl' : 'tls';
}

/** True for 1.3, its drafts (0x7fXX, RFC 8446 section 4.2.1 history) and Facebook’s 0xfbXX variants of them. */
export function isTls13(version: number): boolean {
  return version === Version.tls13 || version >> 8 === 0x7f || version >> 8 === 0xfb;
}

/** RFC 8701: both bytes the same, low nibble 0xa. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}
