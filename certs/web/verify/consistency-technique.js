// SPDX-License-Identifier: Apache-2.0
// Could the technique do what is said of it, to such a device, by these commands?
import {number} from './json.js';
import {TECHNIQUES, isSpelt, needs, sends} from './techniques.js';
import {MEDIAS, METHODS} from './words.js';

const CARD_SECTOR = 512n; // JESD84-B51 7.4.52: what an eMMC counts in, or bytes where it is small
const SETS = ['ATA', 'SCSI', 'NVMe', 'MMC'];
const rank = (method) => METHODS.indexOf(method);

function checkMethod({technique, method, device: {media}}, known, say) {
    let most = known && MEDIAS.includes(media) ? known.most[media] : 'purge';
    if ((technique.passes ?? []).length > 0 && rank(most) > rank('clear'))
        most = 'clear'; // SP 800-88r2 section 3.1.1: whoever writes is a host
    if (most && rank(method) > rank(most))
        say('method', `"${technique.name}" of a medium that is ${media} is called ${method}, it is ${most} at most`);
}

// Media and bus are the device's own words: what it does not have, nothing was done to.
function checkDevice({technique: {name, kind}, device: {media, bus}}, known, say) {
    if (kind === 'block-erase' && media === 'magnetic')
        say('technique', 'a magnetic medium has no blocks of flash to erase');
    else if (known && MEDIAS.includes(media) && !known.most[media])
        say('technique', `${name} erases no medium that is ${media}`);
    if (known?.buses && !known.buses.includes(bus))
        say('technique', `${name} reaches no device on the bus ${bus}`);
    if (bus === 'mmc' && media === 'magnetic')
        say('technique', 'what is on the bus mmc is flash, and is called magnetic');
}

// One that COMMAND is of and KNOWN is not.
function sentByAnother(known, command) {
    if (sends(known, command))
        return undefined;
    const other = [...TECHNIQUES.values()].find((one) => needs(one, command))?.name, [set] = command.split(' ');
    return other ?? (known.set && SETS.includes(set) && set !== known.set ? set : undefined);
}

// Each in its turn, and nothing else: whatever stands between is none of what was done.
function checkTurns(commands, known, resumed, say) {
    let at = 0, before = false;
    for (const one of known.sends) {
        const {turn, spelt} = one;
        if (at < commands.length && (turn !== 'with' || before) && isSpelt(one, commands[at])) {
            at++;
            before = true;
        } else if (turn === undefined || (turn === 'with' && before) || (turn === 'unset' && !resumed)) {
            say('technique', `by ${known.name}, and "${spelt}" was not sent, or not in its turn`);
            return;
        } else
            before = false;
    }
    if (at < commands.length)
        say('technique', `by ${known.name}, and "${commands[at]}" is not sent there`);
}

// The last sector or byte address that was erased is the last one of what was to be.
function checkArea(commands, device, say) {
    const capacity = number(device, 'capacity');
    for (const command of commands) {
        const [, last] = /^MMC CMD36 ([0-9A-Fa-f]{8}) \(user area\)$/.exec(command) ?? [];
        if (last && BigInt(`0x${last}`) + 1n !== capacity / CARD_SECTOR && BigInt(`0x${last}`) + CARD_SECTOR !== capacity)
            say('technique', `"${command}" is not the end of the user area`);
    }
}

// What was sent is what the technique sends: its own commands, and none of another's.
function checkCommands({technique: {commands, observed}, interruptions, device}, known, say) {
    if (!known || !commands)
        return;
    for (const command of commands) {
        const other = sentByAnother(known, command);
        if (other)
            say('technique', `by ${known.name}, and the command "${command}" is of ${other}`);
    }
    if (known.part || !(known.host || observed))
        return;
    checkTurns(commands, known, interruptions.resumed > 0, say);
    checkArea(commands, device, say);
}

export function checkTechnique(claims, say) {
    const {technique} = claims, known = TECHNIQUES.get(technique.name);
    if (known && !known.part && known.kind !== technique.kind)
        say('technique', `${technique.name} is no ${technique.kind}`);
    if (known && !known.host && (technique.passes ?? []).length > 0)
        say('passes', `${technique.name} has no passes of its own`);
    if (technique.followed_by && (!known || known.host))
        say('technique', 'only what a device does to itself is followed by a pass');
    checkMethod(claims, known, say);
    checkDevice(claims, known, say);
    checkCommands(claims, known, say);
}
