// SPDX-License-Identifier: Apache-2.0
// What was dropped? A guess from its bytes; what it really is shows when it is read.
import {base64url, fromUtf8, latin1} from './verify/bytes.js';
import {STATUS_TYP} from './verify/status.js';
import {TRUST_LIST_TYP, readPem} from './verify/trust.js';
import {VALIDATION_TYP} from './verify/validation.js';
import {authorityFault} from './verify/x509.js';

const TYPES = {[STATUS_TYP]: 'status', [TRUST_LIST_TYP]: 'trust-list', [VALIDATION_TYP]: 'validation'};

function ofJwt(text) {
    const header = fromUtf8(base64url(text.split('.')[0]) ?? new Uint8Array());
    return Object.entries(TYPES).find(([typ]) => header?.includes(`"${typ}"`))?.[1] ?? 'certificate';
}

function ofPem(bytes) {
    try {
        return readPem(bytes).some((cert) => authorityFault(cert) === null) ? 'root' : 'bench';
    } catch {
        return 'root'; // which will say what is wrong with it
    }
}

// 'certificate', 'proof', 'validation', 'image', or a kind of store.js.
export function sniff(bytes) {
    const head = latin1(bytes.subarray(0, 2048));
    if (/^(\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP)/s.test(head))
        return 'image';
    if (head.includes('-----BEGIN CERTIFICATE-----'))
        return ofPem(bytes);
    if (head.includes('-----BEGIN PUBLIC KEY-----'))
        return 'list-key';
    if (head.startsWith('-----BEGIN X509 CRL-----') || /^0[\x81-\x83]/.test(head))
        return 'crl';
    if (head.startsWith('c2sp.org/tlog-proof@v1\n'))
        return 'proof';
    if (/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+\s*$/.test(head))
        return 'log-key';
    if (/^\S+\n\d+\n[A-Za-z0-9+/=]{44}\n\n\xe2\x80\x94 /.test(head))
        return 'seen';
    if (/^(#[^\n]*\n|\s*\n)*(log|witness|group|quorum) /.test(head))
        return 'policy';
    if (/^[\w-]+\.[\w-]+\.[\w-]+\s*$/.test(latin1(bytes.subarray(0, 9 << 20))) && !head.includes('~'))
        return ofJwt(head);
    return 'certificate';
}
