// SPDX-License-Identifier: Apache-2.0
// What a certificate says in words of its own claims is one sentence, made of the numbers beside it (certs/SPEC.md,
// "Statements"). What else is in words (policy, limitations, reasons) is the issuer's, and shown so.
import {PHONES} from './words.js';

// A limitation begins so.
export const isLimited = ({limitations}, begin) => limitations.some((one) => one.startsWith(begin));

// Parts per million as a percentage with 0, 1, 2 or 4 decimals, as few as say it.
function percent(ppm = 0) {
    const whole = Math.floor(ppm / 10000), rest = ppm % 10000;
    const [decimals, unit] = [[0, 10000], [1, 1000], [2, 100], [4, 1]].find(([, each]) => rest % each === 0);
    return decimals ? `${whole}.${String(rest / unit).padStart(decimals, '0')}` : `${whole}`;
}

const none = (v) => ({samples: 0, blocks: 0, withheld: 0, excepted: 0, samples_per_subsection: 0, subsections: 0, ...v});

function ofBlocks(claimed) {
    const v = none(claimed), marks = v.expected === 'unknown';
    const most = `At most ${percent(v.fraction_ppm)} % of the addressable blocks are not sanitised, with ${percent(v.confidence_ppm)} % confidence: `;
    if (v.withheld > 0 && marks)
        return `${v.samples} of the ${v.canaries_written} marks that had been written before the erasure were looked for, and none is there any more; ` +
            `the drive did not give out the blocks of the other ${v.withheld}.`;
    if (v.withheld > 0)
        return `${v.samples} of ${v.blocks} blocks were read and none differs; the drive did not give out ${v.withheld} that were asked for.`;
    if (v.mode === 'full')
        return `All ${v.blocks} addressable blocks were read; each holds what the erasure left${v.excepted ? ', known exceptions apart' : ''}.`;
    if (v.mode === 'confidence')
        return marks ? `${most}${v.samples} marks had been written at random places, and none is there any more.`
            : `${most}${v.samples} of ${v.blocks} blocks, drawn at random, were read and none differs.`;
    return `${percent(v.coverage_ppm)} % of the medium was read in ${v.samples_per_subsection} random samples of each of ${v.subsections} subsections; nothing differs.`;
}

// Of a drive with zones marks say less; whether it has any, only this sentence tells.
const isOfZones = ({expected, withheld, samples = 0, statement}) => expected === 'unknown' && !withheld &&
    statement === `${samples} marks had been written at the beginnings of zones drawn at random, and none is there any more; what was behind them was neither marked nor read.`;

export function checkStatement({device: {class: kind}, verification: v}, say) {
    // Of what changed a phone the last look is the one that tells how it is now.
    const due = PHONES.includes(kind) ? `Shown by the state of the device: ${v.state?.at(-1)?.why ?? ''}.` : ofBlocks(v);
    if (v.statement !== due && !isOfZones(v))
        say('verification', 'its statement is another than its numbers make');
}
