/* SPDX-License-Identifier: Apache-2.0 */
#include "io/passthrough.h"

#include <errno.h>
#include <linux/mmc/ioctl.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <string.h>
#include <sys/ioctl.h>

const unsigned long lethe_passthrough_ioctls[LETHE_PASSTHROUGH_IOCTLS] = {
    SG_IO, NVME_IOCTL_ADMIN_CMD, MMC_IOC_CMD, MMC_IOC_MULTI_CMD};

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* sg(4) version 3. The drive's sense is kept also where the status says good: ATA registers come
 * so. A host or transport error is none of the drive's words. */
static int scsi(int fd, struct lethe_command *c)
{
    struct sg_io_hdr hdr = {.interface_id = 'S',
                            .cmd_len = (unsigned char)c->n_bytes,
                            .cmdp = c->bytes,
                            .dxfer_direction = c->direction == LETHE_DATA_IN    ? SG_DXFER_FROM_DEV
                                               : c->direction == LETHE_DATA_OUT ? SG_DXFER_TO_DEV
                                                                                : SG_DXFER_NONE,
                            .dxferp = c->data,
                            .dxfer_len = (unsigned)c->data_len,
                            .mx_sb_len = sizeof(c->sense),
                            .sbp = c->sense,
                            .timeout = c->timeout_ms};
    if (c->n_bytes > 16)
        return -EINVAL;
    if (ioctl(fd, SG_IO, &hdr) < 0)
        return -errno;
    c->n_sense = hdr.sb_len_wr;
    c->result = hdr.status;
    c->transferred =
        c->data_len - (hdr.resid > 0 && (size_t)hdr.resid <= c->data_len ? (size_t)hdr.resid : 0);
    if (hdr.host_status == 0x03) /* DID_TIME_OUT */
        return -ETIMEDOUT;
    if (hdr.host_status == 0x01 || hdr.host_status == 0x04) /* DID_NO_CONNECT, DID_BAD_TARGET */
        return -ENODEV;
    return hdr.host_status ? -EIO : 0;
}

static int nvme(int fd, struct lethe_command *c)
{
    struct nvme_admin_cmd cmd = {.opcode = c->bytes[0],
                                 .flags = c->bytes[1],
                                 .nsid = le32(c->bytes + 4),
                                 .cdw2 = le32(c->bytes + 8),
                                 .cdw3 = le32(c->bytes + 12),
                                 .addr = (uint64_t)(uintptr_t)c->data,
                                 .data_len = (uint32_t)c->data_len,
                                 .cdw10 = le32(c->bytes + 40),
                                 .cdw11 = le32(c->bytes + 44),
                                 .cdw12 = le32(c->bytes + 48),
                                 .cdw13 = le32(c->bytes + 52),
                                 .cdw14 = le32(c->bytes + 56),
                                 .cdw15 = le32(c->bytes + 60),
                                 .timeout_ms = c->timeout_ms};
    if (c->n_bytes != 64)
        return -EINVAL;
    int status = ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd);
    if (status < 0)
        return -errno;
    c->result = (int64_t)cmd.result | (int64_t)status << 32;
    c->transferred = c->data_len;
    return 0;
}

/* The flags of drivers/mmc as <linux/mmc/core.h> has them inside the kernel; user space has no
 * header for them, but the ioctl takes their values. */
#define MMC_RSP_PRESENT_ (1u << 0)
#define MMC_RSP_CRC_ (1u << 2)
#define MMC_RSP_BUSY_ (1u << 3)
#define MMC_RSP_OPCODE_ (1u << 4)
#define MMC_CMD_AC_ (0u << 5)
#define MMC_CMD_ADTC_ (1u << 5)

/* What the kernel waits for after each command of an erase or a switch (JESD84-B51 6.7, 7.3). */
static unsigned mmc_flags(uint8_t index, bool application)
{
    const unsigned R1 = MMC_RSP_PRESENT_ | MMC_RSP_CRC_ | MMC_RSP_OPCODE_;
    const unsigned R1B = R1 | MMC_RSP_BUSY_;
    if (!application && (index == 6 || index == 38 || index == 12))
        return R1B | MMC_CMD_AC_;
    if (index == 8 || index == 13 || index == 17 || index == 18 || index == 31 || index == 51)
        return R1 | MMC_CMD_ADTC_;
    return R1 | MMC_CMD_AC_;
}

/* One of the commands in C, 6 or 7 bytes; DATA of the whole belongs to the only one. */
static void mmc_fill(struct mmc_ioc_cmd *cmd, const uint8_t *bytes, const struct lethe_command *c)
{
    *cmd = (struct mmc_ioc_cmd){.opcode = bytes[0],
                                .is_acmd = bytes[1],
                                .arg = (uint32_t)bytes[2] << 24 | (uint32_t)bytes[3] << 16 |
                                       (uint32_t)bytes[4] << 8 | bytes[5],
                                .write_flag = c->direction == LETHE_DATA_OUT,
                                .flags = mmc_flags(bytes[0], bytes[1] != 0),
                                .cmd_timeout_ms = c->timeout_ms};
    if (c->direction == LETHE_DATA_NONE) {
        cmd->flags &= ~(unsigned)MMC_CMD_ADTC_;
        return;
    }
    cmd->blksz = c->data_len < 512 ? (unsigned)c->data_len : 512;
    cmd->blocks = (unsigned)(c->data_len / cmd->blksz);
    mmc_ioc_cmd_set_data((*cmd), c->data);
}

static void mmc_answer(const struct mmc_ioc_cmd *cmd, int words, struct lethe_command *c)
{
    for (int i = 0; i < words; i++)
        for (int k = 0; k < 4; k++)
            c->sense[c->n_sense++] = (uint8_t)(cmd->response[i] >> (24 - 8 * k));
}

/* The kernel brings the card to the area of the node before each command, and back into command
 * queueing behind each ioctl (drivers/mmc/core/block.c): a switch by hand does not last, and an
 * ERASE only stays one when its three commands come in one. */
static int mmc(int fd, struct lethe_command *c)
{
    union {
        struct mmc_ioc_multi_cmd head;
        uint8_t room[sizeof(struct mmc_ioc_multi_cmd) +
                     LETHE_MMC_TOGETHER * sizeof(struct mmc_ioc_cmd)];
    } all = {0};
    size_t size = c->n_bytes == 6 ? 6 : 7, n = c->n_bytes / size;
    if (n == 0 || n > LETHE_MMC_TOGETHER || c->n_bytes % size ||
        (c->direction != LETHE_DATA_NONE && (n > 1 || c->data_len == 0)))
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (size == 7 && c->bytes[7 * i + 6] != c->bytes[6])
            return -EINVAL;
        mmc_fill(&all.head.cmds[i], c->bytes + size * i, c);
    }
    all.head.num_of_cmds = n;
    if (n == 1 ? ioctl(fd, MMC_IOC_CMD, &all.head.cmds[0]) < 0
               : ioctl(fd, MMC_IOC_MULTI_CMD, &all.head) < 0)
        return -errno;
    for (size_t i = 0; i < n; i++)
        mmc_answer(&all.head.cmds[i], n == 1 ? 4 : 1, c);
    c->result = 0;
    c->transferred = c->data_len;
    return 0;
}

int lethe_passthrough(int fd, struct lethe_command *command)
{
    command->n_sense = 0;
    command->transferred = 0;
    switch (command->set) {
    case LETHE_SET_SCSI:
        return scsi(fd, command);
    case LETHE_SET_NVME:
        return nvme(fd, command);
    case LETHE_SET_MMC:
        return mmc(fd, command);
    case LETHE_SET_USB:
        break;
    }
    return -EOPNOTSUPP;
}
