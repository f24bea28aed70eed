// Protocols that live in HTTP and are known by the path of the request: Windows remote management, the certificate services
// of Active Directory. Asked for every request of a session whose details are wanted.

/** A path, lower case, `/certsrv` itself or below it. */
function isBelow(path: string, folder: string): boolean {
  if (!path.startsWith(folder)) return false;
  const after = path[folder.length];
  return after === undefined || after === '/' || after === '?';
}

/**
 * The protocol of a request by its target, '' for none. Paths of Windows services do not depend on case.
 * MS-WSMV section 2.1 (wsman), MS-WCCE and the web enrolment pages (certsrv), MS-NDES (mscep), MS-XCEP, MS-WSTEP.
 */
export function protocolOfPath(target: string): string {
  const path = target.slice(0, 256).toLowerCase();
  if (isBelow(path, '/wsman')) return 'winrm';
  if (path.startsWith('/certsrv/mscep')) return 'adcs-ndes';
  if (isBelow(path, '/certsrv')) return 'adcs-web';
  if (path.startsWith('/adpolicyprovider_cep')) return 'adcs-cep';
  if (path.includes('_ces_') && path.includes('/service.svc')) return 'adcs-ces';
  return path.startsWith('/enrollmentserver/') ? 'adcs-ces' : '';
}
