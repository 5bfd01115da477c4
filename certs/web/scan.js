// SPDX-License-Identifier: Apache-2.0
// QR codes from pictures and from the camera: by the browser's own BarcodeDetector, or by vendor/jsQR.js where
// whoever hosts the page has put it (vendor.sh). Without either the page says so, and text can be pasted.

const SIDE_MAX = 1600;

async function ownDetector(formats) {
    try {
        const known = await BarcodeDetector.getSupportedFormats();
        const wanted = formats.filter((format) => known.includes(format));
        return wanted.length ? new BarcodeDetector({formats: wanted}) : null;
    } catch {
        return null; // there is none
    }
}

let vendor;
const loadVendor = () => (vendor ??= import('./vendor/jsQR.js').then(() => globalThis.jsQR ?? null, () => null));

function pixels(source, width, height) {
    const scale = Math.min(1, SIDE_MAX / Math.max(width, height)), canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.fillStyle = '#fff'; // a code without its white is none
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    return {canvas, data: context.getImageData(0, 0, canvas.width, canvas.height)};
}

// (source, width, height) => text or null; null when this browser can't. ANY: of any kind of code.
export async function makeDecoder(any = false) {
    const own = await ownDetector(any ? ['qr_code', 'code_128', 'code_39', 'data_matrix', 'ean_13', 'itf'] : ['qr_code']);
    if (own)
        return async (source, width, height) => (await own.detect(pixels(source, width, height).canvas).catch(() => []))[0]?.rawValue ?? null;
    const jsQR = await loadVendor();
    return jsQR && (async (source, width, height) => {
        const {data} = pixels(source, width, height);
        return jsQR(data.data, data.width, data.height)?.data || null;
    });
}

// The text of the code in an image file; null: none. Throws when it can't be looked at.
export async function readImage(bytes) {
    const decode = await makeDecoder();
    if (!decode)
        throw new Error('no decoder');
    const bitmap = await createImageBitmap(new Blob([bytes])).catch(() => null);
    return bitmap && decode(bitmap, bitmap.width, bitmap.height);
}
