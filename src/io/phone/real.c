/* SPDX-License-Identifier: Apache-2.0 */
#include "io/phone/apple.h"
#include "io/phone/usb.h"

const struct lethe_phone_io lethe_phone_io_real = {
    .open_usb = lethe_phone_usb_open,
    .open_apple = lethe_apple_open,
};
