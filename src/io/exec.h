/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command of a drive's own set, over whatever carries it (enum lethe_path). 0 means that an
 * answer came back, whatever it says; -errno that none did (-ENODEV: gone, -ETIMEDOUT, -EIO).
 */
#ifndef LETHE_IO_EXEC_H
#define LETHE_IO_EXEC_H

#include "proto/ata.h"
#include "proto/nvme.h"
#include "proto/scsi.h"

#include <lethe/io.h>

/* DATA is TASKFILE's data phase, LETHE_ATA_BLOCK bytes a block. OUT->known tells which registers
 * came back; where the sense lacked COUNT(15:8) of a command that wanted results, they are asked
 * for by the return-response form, so that "unknown" stays unknown only where the bridge keeps it.
 * A data-in command that ended well without sense has its status taken as good. */
int lethe_ata_exec(struct lethe_io *io, enum lethe_path path,
                   const struct lethe_ata_taskfile *taskfile, void *data, unsigned timeout_ms,
                   struct lethe_ata_result *out);

struct lethe_scsi_result {
    uint8_t status; /* 0 GOOD, 2 CHECK CONDITION */
    struct lethe_sense sense;
    size_t transferred;
};
int lethe_scsi_exec(struct lethe_io *io, const struct lethe_cdb *cdb, void *data,
                    unsigned timeout_ms, struct lethe_scsi_result *out);

struct lethe_nvme_result {
    bool known;      /* the completion came back; false: a bridge that keeps it */
    uint16_t status; /* SCT << 8 | SC */
    uint32_t dw0;
};
/* -EOPNOTSUPP when the bridge of PATH can't carry COMMAND whole. */
int lethe_nvme_exec(struct lethe_io *io, enum lethe_path path,
                    const struct lethe_nvme_admin *command, void *data, unsigned timeout_ms,
                    struct lethe_nvme_result *out);

#endif
