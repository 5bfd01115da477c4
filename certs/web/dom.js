// SPDX-License-Identifier: Apache-2.0
// Elements, made without ever parsing text: whatever a certificate says is only set as text.

// el('p', {class: 'small'}, 'text', child): ATTRIBUTES are ours, CHILDREN may be texts of strangers.
export function el(name, attributes = {}, ...children) {
    const out = document.createElement(name);
    for (const [key, value] of Object.entries(attributes))
        if (typeof value === 'function')
            out.addEventListener(key, value);
        else if (value !== null && value !== undefined && value !== false)
            out.setAttribute(key, value);
    out.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ''));
    return out;
}

// Signs that can be told apart without colour: a tick, a cross, a question mark, an i.
const SIGNS = {
    valid: ['M12 2.5 20 5.500v6c0 5-3.400 8.500-8 10-4.600-1.500-8-5-8-10v-6z', 'm8 12 2.800 2.800L16 9.500'],
    invalid: ['M8 2.500h8L21.500 8v8L16 21.500H8L2.500 16V8z', 'm8.500 8.500 7 7m0-7-7 7'],
    undetermined: ['M12 2.500 21.500 12 12 21.500 2.500 12z', 'M9.800 9.800c.1-1.400 1-2.200 2.300-2.200s2.300.8 2.300 2c0 1.800-2.300 1.900-2.300 3.700m0 3v.1'],
    remark: ['M12 2.500a9.500 9.500 0 1 0 0 19 9.500 9.500 0 0 0 0-19z', 'M12 11v5.500m0-9v.1'],
};

export function sign(kind, tiny = false) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('class', `sign ${tiny ? 'tiny' : ''} ${kind}`);
    svg.setAttribute('aria-hidden', 'true');
    for (const d of SIGNS[kind]) {
        const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
        path.setAttribute('d', d);
        svg.append(path);
    }
    return svg;
}
