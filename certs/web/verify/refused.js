// SPDX-License-Identifier: Apache-2.0
// Why something is not what it should be: a code of certs/README.md, and what it was about.

export class Refused extends Error {
    constructor(code, text = '', kind = 'invalid') {
        super(text);
        this.code = code;
        this.kind = kind; // 'invalid', 'unsupported' (a later version), 'untrusted', 'stale', 'lot', 'browser'
    }
}

export function refuse(code, text, kind) {
    throw new Refused(code, text, kind);
}
