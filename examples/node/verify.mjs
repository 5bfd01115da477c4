#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Verify in your stack: a certificate of Lethe in Node.js, with nothing but what Node has.
//
//   node verify.mjs CERTIFICATE.sdjwt ROOT.pem DEVICE      (the serial or IMEI of the item on your shelf)
//
// What this looks at (level L0): header, signature, path to ROOT, disclosures, whose certificate it is,
// that it is of DEVICE, and that a policy was met on a physical device. What it leaves to lethe-verify:
// key usage and signature algorithms inside X.509, the schema claim by claim, sums that contradict each
// other, revocation (L1) and the log (L2). So "valid" here is no more than: a bench of this organisation
// said so. docs/verifying.md has the whole list.
import { createHash, verify as verifySignature, X509Certificate } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const EKU = '2.25.184030033748568517897385037763072314477.1'
const HALF_N = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n
const HIDEABLE = ['operator', 'customer', 'asset_tag', 'lot', 'seed']
const BINDING = ['serial', 'wwn', 'eui64', 'nguid', 'udid', 'imei', 'cid']

class Refused extends Error {}
const must = (condition, code) => { if (!condition) throw new Refused(code) }

// One spelling for one value: base64url that comes back as it was, JSON that has nothing twice.
function decode(text) {
  const bytes = Buffer.from(text, 'base64url')
  must(text && bytes.toString('base64url') === text, 'encoding')
  return bytes
}
function parse(text) {
  const json = decode(text).toString('utf8')
  let value
  try { value = JSON.parse(json) } catch { throw new Refused('json') }
  must(JSON.stringify(value) === json, 'json') // lethe writes it so; duplicates and floats do not survive
  return value
}
const digest = (text) => createHash('sha256').update(text).digest('base64url')
const member = (subject, name) => subject.split('\n').filter((l) => l.startsWith(name + '=')).map((l) => l.slice(name.length + 1))

function checkPath(x5c, roots, when) {
  must(Array.isArray(x5c) && x5c.length >= 1 && x5c.length <= 4, 'x5c')
  const chain = x5c.map((text) => {
    const der = Buffer.from(String(text), 'base64')
    must(der.length > 0 && der.toString('base64') === text, 'x5c')
    try { return new X509Certificate(der) } catch { throw new Refused('chain') }
  })
  const [leaf] = chain
  must(leaf.publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1', 'key')
  must(!leaf.ca && leaf.keyUsage?.includes(EKU), 'chain')
  const uris = (leaf.subjectAltName ?? '').split(', ')
  must(uris[0]?.startsWith('URI:urn:lethe:bench:') && uris.slice(1).every((u) => u.startsWith('URI:urn:lethe:log:')), 'chain')
  const organisation = member(leaf.subject, 'O')
  must(organisation.length === 1, 'chain')
  const last = chain[chain.length - 1]
  const root = roots.find((r) => r.raw.equals(last.raw)) ?? roots.find((r) => last.checkIssued(r) && last.verify(r.publicKey))
  must(root, 'untrusted')
  const path = root.raw.equals(last.raw) ? chain : [...chain, root]
  must(path.length === 2, 'chain') // a root of Lethe signs benches, not further authorities (pathlen 0)
  path.forEach((certificate, i) => {
    const issuer = path[i + 1] ?? certificate
    must(when >= Date.parse(certificate.validFrom) && when <= Date.parse(certificate.validTo), 'iat')
    must(i === 0 || certificate.ca, 'chain')
    must(member(certificate.subject, 'O').join() === organisation[0], 'chain')
    must(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey), 'chain')
  })
  return { leaf, organisation: organisation[0], iss: uris[0].slice(4) }
}

// RFC 9901 section 7.1, in the three places where a certificate of Lethe has digests.
function disclose(payload, disclosures) {
  const byDigest = new Map(disclosures.map((text) => [digest(text), parse(text)]))
  must(byDigest.size === disclosures.length, 'disclosure-twice')
  const seen = new Set()
  const take = (hash, size) => {
    must(typeof hash === 'string' && /^[\w-]{43}$/.test(hash) && !seen.has(hash), 'digest')
    seen.add(hash)
    const found = byDigest.get(hash)
    byDigest.delete(hash)
    must(!found || (Array.isArray(found) && found.length === size && String(found[0]).length >= 22), 'disclosure')
    must(!found || !/"(_sd|_sd_alg|\.\.\.)":/.test(JSON.stringify(found)), 'nested')
    return found
  }
  const open = (object, allowed) => {
    for (const [, name, value] of (object._sd ?? []).map((hash) => take(hash, 3)).filter(Boolean)) {
      must(allowed(name) && !Object.hasOwn(object, name), 'must-be-open')
      object[name] = value
    }
    delete object._sd
  }
  must(payload._sd_alg === 'sha-256', 'sd-alg')
  delete payload._sd_alg
  open(payload, (name) => HIDEABLE.includes(name))
  if (payload.custom) open(payload.custom, (name) => !['_sd', '_sd_alg', '...'].includes(name))
  must(Array.isArray(payload.identifiers) && payload.identifiers.every((i) => Object.keys(i).join() === '...'), 'sd-place')
  payload.identifiers = payload.identifiers.map((i) => take(i['...'], 2)?.[1]).filter(Boolean)
  must(byDigest.size === 0, 'disclosure-unknown')
  must(!/"(_sd|_sd_alg|\.\.\.)":/.test(JSON.stringify(payload)), 'sd-place')
  return payload
}

const fold = (text) => String(text).toLowerCase().replace(/^(0x|naa\.|eui\.)/, '').replace(/[^a-z0-9]/g, '')

// { verdict, code?, claims? }; roots: PEM texts.
export function verify(text, roots, device, now = Date.now()) {
  try {
    must(text.length <= 256 * 1024 && text.endsWith('~'), 'format')
    const [jwt, ...rest] = text.slice(0, -1).split('~')
    const parts = jwt.split('.')
    must(parts.length === 3 && rest.length <= 128 && rest.every((d) => d && !d.includes('.')), 'format')
    const header = parse(parts[0])
    must(Object.keys(header).sort().join() === 'alg,typ,x5c', 'header')
    must(header.alg === 'ES256' && header.typ === 'dc+sd-jwt', 'alg')
    const payload = parse(parts[1]) // not believed until the signature holds, but iat is needed
    must(Number.isSafeInteger(payload.iat) && payload.iat * 1000 <= now + 300_000, 'future')
    const { leaf, organisation, iss } = checkPath(header.x5c, roots.map((pem) => new X509Certificate(pem)), payload.iat * 1000)
    const signature = decode(parts[2])
    must(signature.length === 64 && BigInt('0x' + signature.subarray(32).toString('hex')) <= HALF_N, 'signature-high')
    must(verifySignature('sha256', Buffer.from(parts[0] + '.' + parts[1]), { key: leaf.publicKey, dsaEncoding: 'ieee-p1363' }, signature), 'signature')
    const claims = disclose(payload, rest)
    must(claims.iss === iss && claims.organisation === organisation, 'issuer')
    must((claims.substrate === 'emulated') === (organisation === 'DEMO - NOT A REAL ORGANISATION'), 'demo-key')
    const open = (code) => ({ verdict: 'undetermined', code, claims })
    if (claims.vct === 'urn:lethe:erasure-record:1') return open('record-only')
    must(claims.vct === 'urn:lethe:erasure-certificate:1', 'vct')
    must(['passed', 'passed-with-exceptions'].includes(claims.outcome) && claims.policy?.met === true, 'contradiction-policy')
    if (claims.substrate !== 'physical') return open('substrate')
    const own = claims.identifiers.filter((i) => i.source === 'device' && BINDING.includes(i.kind))
    if (own.some((i) => fold(i.value).length >= 4 && fold(i.value) === fold(device))) return { verdict: 'valid', claims }
    return own.length ? { verdict: 'invalid', code: 'device-mismatch' } : open('unbound')
  } catch (error) {
    if (!(error instanceof Refused)) return { verdict: 'invalid', code: 'malformed' }
    return { verdict: error.message === 'untrusted' ? 'undetermined' : 'invalid', code: error.message }
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [file, root, device] = process.argv.slice(2)
  const said = verify(readFileSync(file, 'latin1'), [readFileSync(root, 'utf8')], device)
  console.log(said.verdict, said.code ?? '')
  process.exitCode = { valid: 0, invalid: 1, undetermined: 2 }[said.verdict]
}
