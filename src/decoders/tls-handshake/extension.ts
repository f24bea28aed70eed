// Hello extensions that are looked into (IANA registry "TLS ExtensionType Values").

export const Extension = {
  serverName: 0,
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  keyShare: 51,
  encryptedClientHello: 0xfe0d,
  /** The draft that came before the encrypted hello. */
  encryptedServerName: 0xffce,
} as const;
