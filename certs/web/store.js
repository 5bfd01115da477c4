// SPDX-License-Identifier: Apache-2.0
// Whom the user trusts, kept in this browser and nowhere else. Nothing is trusted by default, and what
// everybody could have made is asked about before it counts.
import {base64, latin1, sha256Hex, toBase64} from './verify/bytes.js';
import {addCrl} from './verify/crl.js';
import {Refused} from './verify/refused.js';
import {readStatusList} from './verify/status.js';
import {readKey} from './verify/tlog/key.js';
import {readPolicy} from './verify/tlog/policy.js';
import {addRoots, addTrustList, newTrust, readListKey, readPem} from './verify/trust.js';
import {fingerprint, organisation} from './verify/x509.js';

const KEY = 'lethe-trust-1', KEPT_MAX = 3 << 20, ENTRIES_MAX = 200;
// What says by itself, with a signature of somebody trusted, that it is right, is not asked about.
export const ASKED = ['root', 'list-key', 'policy', 'log-key'];

export class Store {
    constructor() {
        this.entries = [];
        try {
            const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]');
            this.entries = kept.map((entry) => ({...entry, bytes: base64(entry.data), kept: true})).filter(({bytes}) => bytes);
        } catch {
            this.entries = []; // no storage here, or not ours: begin with nobody
        }
    }

    save() {
        let room = KEPT_MAX;
        const out = [];
        for (const entry of this.entries) {
            const data = toBase64(entry.bytes);
            room -= data.length;
            entry.kept = room > 0;
            if (entry.kept)
                out.push({id: entry.id, kind: entry.kind, name: entry.name, accepted: entry.accepted, data});
        }
        try {
            localStorage.setItem(KEY, JSON.stringify(out));
        } catch {
            this.entries.forEach((entry) => { entry.kept = false; });
        }
    }

    async add(kind, name, bytes) {
        const id = `${kind} ${await sha256Hex(bytes)}`;
        if (this.entries.some((entry) => entry.id === id) || this.entries.length >= ENTRIES_MAX)
            return;
        this.entries.push({id, kind, name: name.slice(0, 120), bytes, accepted: !ASKED.includes(kind)});
        this.save();
    }

    accept(id) {
        this.entries.find((entry) => entry.id === id).accepted = true;
        this.save();
    }

    remove(id) {
        this.entries = this.entries.filter((entry) => entry.id !== id);
        this.save();
    }

    of(kind) {
        return this.entries.filter((entry) => entry.kind === kind && entry.accepted);
    }

    // What each file is, to be shown before anybody trusts it: lines of text.
    async describe({kind, bytes}) {
        if (kind === 'root' || kind === 'bench')
            return Promise.all(readPem(bytes).map(async (cert) => ({title: organisation(cert) ?? '?', sha256: await fingerprint(cert)})));
        if (kind === 'log-key') {
            const key = await readKey(latin1(bytes).trim());
            return [{title: key?.name ?? '?', sha256: await sha256Hex(bytes)}];
        }
        if (kind === 'policy') {
            const policy = await readPolicy(bytes);
            return [{title: [...policy.logs.map(({key}) => key.name), ...policy.witnesses.map(({name}) => name)].join(', '), sha256: await sha256Hex(bytes)}];
        }
        return [{title: '', sha256: await sha256Hex(bytes)}];
    }

    // Everything that is trusted as a policy of verify(); entries get .fault: null, 'stale' or 'broken'.
    async policy(now) {
        const out = {now, trust: newTrust(), statusLists: [], logKeys: [], benches: []};
        const each = async (kind, f) => {
            for (const entry of this.of(kind))
                entry.fault = await f(entry.bytes).then(() => null, (error) => {
                    if (!(error instanceof Refused))
                        throw error;
                    return error.kind === 'stale' ? 'stale' : 'broken';
                });
        };
        await each('root', async (bytes) => addRoots(out.trust, bytes));
        await each('trust-list', async (bytes) => this.addList(out.trust, bytes, now));
        await each('crl', async (bytes) => addCrl(out.trust, bytes, now));
        await each('status', async (bytes) => {
            const list = await readStatusList(out.trust, latin1(bytes).trim(), now);
            out.statusLists.push(list);
            if (list.stale)
                throw new Refused('status-stale', '', 'stale');
        });
        await each('bench', async (bytes) => { out.benches.push(...readPem(bytes)); });
        await each('policy', async (bytes) => { out.logPolicy = await readPolicy(bytes); });
        await each('log-key', async (bytes) => { out.logKeys.push(latin1(bytes).trim()); });
        const [seen] = this.of('seen').slice(-1);
        out.seen = seen ? latin1(seen.bytes) : undefined;
        return out;
    }

    // By whichever of the pinned publishers signed it.
    async addList(trust, bytes, now) {
        let why = new Refused('trust-list', 'no key of its publisher');
        for (const {bytes: pem} of this.of('list-key'))
            try {
                return await addTrustList(trust, latin1(bytes).trim(), readListKey(pem), now);
            } catch (error) {
                why = error;
            }
        throw why;
    }
}
