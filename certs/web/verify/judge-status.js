// SPDX-License-Identifier: Apache-2.0
// Revoked? A bench by the CRL of its organisation, since a time that is judged against what witnesses prove,
// never against the signer's own clock; a single certificate by a token status list, which must say so afresh.
import {revoked} from './crl.js';
import {Refused} from './refused.js';
import {statusOf} from './status.js';
import {formatTime} from './text.js';

function judgeBench({policy, report}) {
    const {state, since} = revoked(policy.trust, report.chain, report.provenNotAfter);
    if (state === 'void')
        report.check('status', 'invalid', 'bench-revoked', formatTime(since));
    else if (state === 'before')
        report.add('remark', 'bench-revoked-since', formatTime(since));
}

// Of all lists about this certificate: what one of them revoked for good stays revoked, however old it is; else the
// newest one of today says, and of two from the same second the worse. Null: none of them says anything.
function lookUp(lists, {chain}, claim) {
    let found = null, newest = 0;
    for (const list of lists) {
        const status = statusOf(list, chain.anchorSha256, claim.uri, claim.idx);
        if (status === 1)
            return status;
        if (status === null || list.stale || list.iat < newest || (list.iat === newest && status < found))
            continue;
        newest = list.iat;
        found = status;
    }
    return found;
}

function judgeSingle({policy, report}) {
    const claim = report.claims.status?.status_list, lists = policy.statusLists ?? [];
    if (lists.length === 0)
        return;
    if (!claim) {
        report.check('status', 'remark', 'status-none');
        return;
    }
    let status = null;
    try {
        status = lookUp(lists, report, claim);
    } catch (error) {
        if (!(error instanceof Refused))
            throw error;
        report.check('status', 'invalid', 'status', error.message);
        return;
    }
    if (status === 0)
        report.hold('status');
    else if (status === 1)
        report.check('status', 'invalid', 'revoked');
    else if (status === 2)
        report.check('status', 'undetermined', 'suspended');
    else
        report.check('status', 'remark', lists.some(({stale}) => stale) ? 'status-stale' : 'status-other');
}

export function judgeStatus(judging) {
    if (judging.report.checks.path.state !== 'ok')
        return;
    judgeBench(judging);
    judgeSingle(judging);
}
