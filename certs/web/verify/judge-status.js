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

function judgeSingle({policy, report}) {
    const claim = report.claims.status?.status_list, lists = policy.statusLists ?? [];
    if (lists.length === 0 && !policy.statusStale)
        return;
    if (!claim) {
        report.check('status', 'remark', 'status-none');
        return;
    }
    let status = null;
    try {
        for (const list of lists)
            status ??= statusOf(list, report.chain.organisation, claim.uri, claim.idx);
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
        report.check('status', 'remark', policy.statusStale ? 'status-stale' : 'status-other');
}

export function judgeStatus(judging) {
    if (judging.report.checks.path.state !== 'ok')
        return;
    judgeBench(judging);
    judgeSingle(judging);
}
