/* SPDX-License-Identifier: Apache-2.0 */
/* com.apple.afc: files below the media folder of an iPhone or iPad, by our own packets: what a
 * device says of their length is measured before anything is set aside for it. */
#ifndef LETHE_TECHNIQUE_IOS_AFC_H
#define LETHE_TECHNIQUE_IOS_AFC_H

#include <io/apple.h>

#define LETHE_AFC_CHUNK ((size_t)65536)
#define LETHE_AFC_NO_SPACE 18

struct lethe_afc {
    const struct lethe_apple_ops *apple;
    struct lethe_apple_service *service;
    uint64_t number;
};

/* All return 0, the device's own error (positive), or -LETHE_E_GONE, -LETHE_E_IO. */
int lethe_afc_open(struct lethe_io *io, struct lethe_afc *out);
void lethe_afc_close(struct lethe_afc *afc);
int lethe_afc_space(struct lethe_afc *afc, uint64_t *size, uint64_t *available);
int lethe_afc_make_directory(struct lethe_afc *afc, const char *path);
int lethe_afc_remove(struct lethe_afc *afc, const char *path);
/* With all that is in it; 0 also when it is not there. */
int lethe_afc_remove_tree(struct lethe_afc *afc, const char *path);
enum lethe_afc_mode { LETHE_AFC_READ = 1, LETHE_AFC_WRITE = 3 };
int lethe_afc_file_open(struct lethe_afc *afc, const char *path, enum lethe_afc_mode mode,
                        uint64_t *handle);
int lethe_afc_file_close(struct lethe_afc *afc, uint64_t handle);
/* At most LETHE_AFC_CHUNK bytes at once. */
int lethe_afc_write(struct lethe_afc *afc, uint64_t handle, const void *data, size_t len);
int lethe_afc_read(struct lethe_afc *afc, uint64_t handle, uint64_t offset, void *data, size_t len,
                   size_t *got);

#endif
