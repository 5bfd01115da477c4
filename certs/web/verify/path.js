// SPDX-License-Identifier: Apache-2.0
// Is this chain one of a pinned organisation? Nothing is fetched and nothing is searched: the chain must
// be the path itself, in order (RFC 7515 section 4.1.6), and the anchor one that the user named.
import {equal} from './bytes.js';
import {derSignatureHolds} from './ecdsa.js';
import {Refused, refuse} from './refused.js';
import {KU, authorityFault, authorityKeyId, basicConstraints, benchNames, extension, fingerprint, keyUsage, leafFault,
    organisation, readCertificate, serial, statusNames, subjectKeyId, understands} from './x509.js';

const CHAIN_MAX = 4;
const invalid = (at, why) => refuse('chain', `certificate ${at} of the chain: ${why}`);

// Names the ISSUER as its own: names, key ids, and that it may sign (X509_check_issued).
function issued(issuer, cert) {
    if (!equal(issuer.subject, cert.issuer))
        return false;
    const wanted = authorityKeyId(cert), has = subjectKeyId(issuer);
    if (wanted === undefined || has === undefined || wanted?.other)
        return false;
    if (wanted?.keyId && has && !equal(wanted.keyId, has))
        return false;
    const usage = keyUsage(issuer);
    return usage === null || Boolean(usage & KU.keyCertSign);
}

export const signedBy = (cert, issuer) => (equal(cert.inner, cert.algorithm)
    ? derSignatureHolds(issuer.key, cert.signatureOid, cert.signature, cert.tbs) : Promise.resolve(false));

function links(chain, name) {
    for (let i = 1; i < chain.length; i++) {
        const fault = authorityFault(chain[i]) ??
            (organisation(chain[i]) !== name ? 'it belongs to another organisation than the bench' : null) ??
            (!issued(chain[i], chain[i - 1]) ? 'it did not issue the one before it' : null);
        if (fault)
            invalid(i, fault);
    }
}

// RFC 5280 section 6 and what OpenSSL calls strict, over exactly this path.
async function validate(path, when) {
    const root = path[path.length - 1];
    let between = 0;
    if (!equal(root.issuer, root.subject))
        invalid(path.length - 1, 'the anchor is no root');
    for (const [i, cert] of path.entries()) {
        const constraints = basicConstraints(cert);
        const last = i === path.length - 1;
        if (constraints === undefined || !understands(cert))
            invalid(i, 'it has an extension that is not understood');
        if (constraints && constraints.pathlen >= 0 && !constraints.ca)
            invalid(i, 'a path length of what is no authority');
        if (extension(cert, 'authorityKey')?.critical || extension(cert, 'subjectKey')?.critical)
            invalid(i, 'a key identifier is critical');
        if (!last && !authorityKeyId(cert)?.keyId)
            invalid(i, 'it does not name the key that signed it');
        if (constraints?.ca && !subjectKeyId(cert))
            invalid(i, 'an authority without a key identifier');
        if (i > 0 && constraints && constraints.pathlen >= 0 && between > constraints.pathlen)
            invalid(i, 'the path is longer than it allows');
        between += i > 0 && !equal(cert.issuer, cert.subject) ? 1 : 0;
        if (!last && (!issued(path[i + 1], cert) || !await signedBy(cert, path[i + 1])))
            invalid(i, 'the next one did not sign it');
    }
    // Section 4.1.2.5: notAfter is the last moment inside.
    if (path.some((cert) => when < cert.notBefore || Math.floor(when / 1000) > Math.floor(cert.notAfter / 1000)))
        refuse('chain', 'a certificate of the chain is not valid at that time');
}

async function byAnchor(anchor, chain, when, out) {
    const last = chain[chain.length - 1], whole = equal(anchor.cert.raw, last.raw);
    if (anchor.organisation !== out.organisation)
        refuse('chain', 'the bench says it is of another organisation than its root');
    await validate(whole ? chain : [...chain, anchor.cert], when);
    const at = chain.length - (whole ? 2 : 1), number = at < 0 ? null : serial(chain[at]);
    if (number === null)
        invalid(0, 'its serial number is none');
    if (when < anchor.since || when > anchor.until)
        refuse('untrusted', 'the trust list does not believe it at that time', 'untrusted');
    Object.assign(out, {anchorSha256: anchor.sha256, serial: number, direct: at === 0});
}

async function describe(leaf, status, out) {
    out.leafSha256 = await fingerprint(leaf);
    const fault = leafFault(leaf, status);
    if (fault)
        invalid(0, fault);
    const {id, origin} = status ? statusNames(leaf) : benchNames(leaf);
    out.bench = id;
    out.logOrigin = origin;
    out.organisation = organisation(leaf) ?? '';
    if (!out.organisation)
        invalid(0, 'its subject has no single organisation name (O)');
    out.notBefore = leaf.notBefore;
    out.notAfter = leaf.notAfter;
}

async function check(trust, ders, when, status, out) {
    const chain = ders.map((der, i) => readCertificate(der) ?? invalid(i, 'it is not one DER certificate'));
    await describe(chain[0], status, out);
    links(chain, out.organisation);
    const last = chain[chain.length - 1];
    let why = null;
    for (const anchor of trust.anchors) {
        if (!equal(anchor.cert.raw, last.raw) && !issued(anchor.cert, last))
            continue;
        try {
            await byAnchor(anchor, chain, when, out);
            return;
        } catch (error) {
            if (!(error instanceof Refused))
                throw error;
            why = error;
        }
    }
    if (why)
        throw why;
    for (let i = 1; i < chain.length; i++)
        if (!await signedBy(chain[i - 1], chain[i]))
            invalid(i, 'it did not sign the one before it');
    refuse('untrusted', out.organisation, 'untrusted');
}

// DERS: leaf first. OUT receives what the chain says, as far as it is read; throws Refused. WHEN in ms.
export async function checkPath(trust, ders, when, {status = false, out = {}} = {}) {
    Object.assign(out, {organisation: '', bench: '', leafSha256: '', notBefore: 0, notAfter: 0, logOrigin: '', anchorSha256: '', serial: '', direct: false});
    if (ders.length < 1 || ders.length > CHAIN_MAX)
        refuse('chain', 'a chain holds 1 to 4 certificates');
    await check(trust, ders, when, status, out);
    return out;
}
