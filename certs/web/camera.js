// SPDX-License-Identifier: Apache-2.0
// The camera, while its window is open and no longer.
import {makeDecoder} from './scan.js';

const box = document.getElementById('camera-box'), video = document.getElementById('video');

async function look(decode) {
    while (box.open) {
        const text = video.videoWidth > 0 ? await decode(video, video.videoWidth, video.videoHeight) : null;
        if (text)
            return text;
        await new Promise((resolve) => { setTimeout(resolve, 150); });
    }
    return null;
}

// The text of the first code seen; null when the window was closed. Throws 'no decoder' or 'no camera'.
export async function scanWithCamera(any) {
    const decode = await makeDecoder(any);
    if (!decode)
        throw new Error('no decoder');
    const stream = await navigator.mediaDevices?.getUserMedia({video: {facingMode: 'environment'}}).catch(() => null);
    if (!stream)
        throw new Error('no camera');
    try {
        box.showModal();
        video.srcObject = stream;
        await video.play();
        return await look(decode);
    } finally {
        stream.getTracks().forEach((track) => track.stop());
        video.srcObject = null;
        box.close();
    }
}

document.getElementById('camera-close').addEventListener('click', () => box.close());
