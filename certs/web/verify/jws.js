// SPDX-License-Identifier: Apache-2.0
// A signed JSON object beside certificates (status list, trust list, validation record): JWS compact, ES256,
// a closed header. What is wrong throws CODE.
import {base64, base64url, fromLatin1, utf8Length} from './bytes.js';
import {verifyEs256} from './ecdsa.js';
import {looseJson} from './json.js';
import {Refused, refuse} from './refused.js';
import {readCertificate} from './x509.js';

const HEADER_MAX = 65536, DER_MAX = 8192, CHAIN_MAX = 4;
const DATE_MAX = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

export class Jws {
    // TEXT: one character a byte. CHAIN: with x5c, else without.
    constructor(text, {max, typ, chain, code}) {
        this.code = code;
        if (text.length === 0 || text.length > max)
            this.wrong('it is empty or too large');
        const parts = text.split('.');
        if (parts.length !== 3)
            this.wrong('no JWT of three parts');
        this.signedPart = `${parts[0]}.${parts[1]}`;
        this.signature = base64url(parts[2]);
        if (this.signature?.length !== 64)
            this.wrong('the signature is not 64 bytes of base64url');
        const header = this.part(parts[0], HEADER_MAX);
        this.known(header, chain ? ['alg', 'typ', 'x5c'] : ['alg', 'typ']);
        if (header.alg !== 'ES256' || header.typ !== typ)
            this.wrong('it is of another kind');
        this.chain = chain ? this.readChain(header.x5c) : [];
        this.claims = this.part(parts[1], max);
    }

    wrong(why) {
        refuse(this.code, why);
    }

    part(encoded, max) {
        const bytes = base64url(encoded);
        try {
            return looseJson(bytes ?? new Uint8Array(), max);
        } catch (error) {
            if (!(error instanceof Refused))
                throw error;
            return this.wrong(error.message);
        }
    }

    readChain(x5c) {
        if (!Array.isArray(x5c) || x5c.length < 1 || x5c.length > CHAIN_MAX)
            this.wrong('no x5c');
        return x5c.map((item) => {
            const der = typeof item === 'string' ? base64(item) : null;
            return der && der.length > 0 && der.length <= DER_MAX ? der : this.wrong('x5c is no base64');
        });
    }

    // By KEY; without: by that of the first certificate.
    async verify(key = readCertificate(this.chain[0], false)?.key) {
        try {
            await verifyEs256(key, this.signature, fromLatin1(this.signedPart));
        } catch (error) {
            if (!(error instanceof Refused))
                throw error;
            this.wrong('the signature does not hold');
        }
    }

    known(object, names) {
        const other = Object.keys(object).find((name) => !names.includes(name));
        if (other !== undefined)
            this.wrong(`"${other}" is not known`);
    }

    text(object, name, max) {
        const value = object[name];
        return typeof value === 'string' && utf8Length(value) <= max ? value : this.wrong(`"${name}"`);
    }

    natural(object, name) {
        const value = object[name];
        return Number.isSafeInteger(value) && value >= 0 ? value : this.wrong(`"${name}"`);
    }

    // In ms.
    date(object, name) {
        const value = this.natural(object, name);
        return value <= DATE_MAX ? value * 1000 : this.wrong(`"${name}"`);
    }
}
