/* SPDX-License-Identifier: Apache-2.0 */
/* com.apple.afc, operations: files below the phone's media folder, as many bytes as it has. */
#include "base/file.h"
#include "base/text.h"
#include "emu/phone/afc.h"
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MEDIA "userdata/media"

static enum afc_error error_of(int errnum)
{
    switch (errnum) {
    case 0:
        return AFC_OK;
    case ENOENT:
    case ENOTDIR:
        return AFC_NOT_FOUND;
    case EISDIR:
        return AFC_IS_DIRECTORY;
    case EEXIST:
        return AFC_EXISTS;
    case ENOTEMPTY:
        return AFC_NOT_EMPTY;
    case ENOSPC:
        return AFC_NO_SPACE;
    case EACCES:
    case EPERM:
    case ELOOP:
        return AFC_DENIED;
    default:
        return AFC_UNKNOWN_ERROR;
    }
}

/* A path is the head from AT up to its NUL. */
static enum afc_error path_at(const struct afc_request *request, size_t at, char out[PATH_MAX])
{
    const char *text = (const char *)request->head + at;
    if (at >= request->head_len || !memchr(text, '\0', request->head_len - at))
        return AFC_INVALID_ARGUMENT;
    return phone_storage_path(request->stream->phone, MEDIA, text, out, NULL) == 0 ? AFC_OK
                                                                                   : AFC_DENIED;
}

static uint64_t number_at(const struct afc_request *request, size_t index)
{
    uint64_t number = 0;
    if ((index + 1) * sizeof(number) <= request->head_len)
        memcpy(&number, request->head + index * sizeof(number), sizeof(number));
    return le64toh(number);
}

static int *file_of(const struct afc_request *request)
{
    uint64_t handle = number_at(request, 0);
    int *file = handle >= 1 && handle <= AFC_FILES ? &request->afc->files[handle - 1] : NULL;
    return file && *file >= 0 ? file : NULL;
}

static uint64_t capacity(const struct phone *phone)
{
    uint64_t size = phone_trait_count(phone, "storage", 32 << 20);
    return phone_fault(phone, PHONE_FAULT_NO_SPACE) ? size / 2 : size;
}

static uint64_t room(const struct phone *phone)
{
    uint64_t used = phone_storage_used(phone), size = capacity(phone);
    return used < size ? size - used : 0;
}

/* ---- answers ---- */

static enum afc_error give(struct afc_request *request, enum afc_operation as)
{
    request->as = as;
    return AFC_OK;
}

static enum afc_error give_number(struct afc_request *request, enum afc_operation as,
                                  uint64_t number)
{
    number = htole64(number);
    return lethe_buf_add(&request->reply, &number, sizeof(number)) < 0 ? AFC_UNKNOWN_ERROR
                                                                       : give(request, as);
}

/* Lists are texts with their NUL. */
static int add_text(struct lethe_buf *out, const char *text)
{
    return lethe_buf_add(out, text, strlen(text) + 1);
}

static int add_pair(struct lethe_buf *out, const char *key, uint64_t value)
{
    char text[24];
    lethe_text_format(text, sizeof(text), "%llu", (unsigned long long)value);
    return add_text(out, key) < 0 ? -1 : add_text(out, text);
}

/* ---- by path ---- */

static enum afc_error read_directory(struct afc_request *request)
{
    char path[PATH_MAX], **names = NULL;
    enum afc_error error = path_at(request, 0, path);
    if (error != AFC_OK)
        return error;
    if (lethe_dir_list(path, &names, NULL) < 0)
        return AFC_NOT_FOUND;
    int rc = add_text(&request->reply, ".");
    if (rc == 0)
        rc = add_text(&request->reply, "..");
    for (size_t i = 0; rc == 0 && names[i]; i++)
        rc = add_text(&request->reply, names[i]);
    if (rc == 0 && phone_fault(request->stream->phone, PHONE_FAULT_PATHS))
        rc = add_text(&request->reply, "../../../../etc/passwd");
    if (rc == 0 && phone_fault(request->stream->phone, PHONE_FAULT_CONTROL))
        rc = add_text(&request->reply, "\x1b]0;IMG\x07_0001\n.jpg");
    lethe_names_free(names);
    return rc < 0 ? AFC_UNKNOWN_ERROR : give(request, AFC_DATA);
}

static enum afc_error file_info(struct afc_request *request)
{
    char path[PATH_MAX];
    struct stat st;
    struct lethe_buf *out = &request->reply;
    enum afc_error error = path_at(request, 0, path);
    if (error != AFC_OK)
        return error;
    if (lstat(path, &st) < 0)
        return error_of(errno);
    int rc = add_pair(out, "st_size", (uint64_t)st.st_size);
    if (rc == 0)
        rc = add_pair(out, "st_blocks", (uint64_t)st.st_blocks);
    if (rc == 0)
        rc = add_pair(out, "st_nlink", (uint64_t)st.st_nlink);
    if (rc == 0)
        rc = add_text(out, "st_ifmt");
    if (rc == 0)
        rc = add_text(out, S_ISDIR(st.st_mode) ? "S_IFDIR" : "S_IFREG");
    if (rc == 0)
        rc = add_pair(out, "st_mtime", (uint64_t)st.st_mtim.tv_sec * 1000000000u);
    return rc < 0 ? AFC_UNKNOWN_ERROR : give(request, AFC_DATA);
}

static enum afc_error device_info(struct afc_request *request)
{
    struct phone *phone = request->stream->phone;
    struct lethe_buf *out = &request->reply;
    int rc = add_text(out, "Model");
    if (rc == 0)
        rc = add_text(out, phone_trait_text(phone, "model"));
    if (rc == 0)
        rc = add_pair(out, "FSTotalBytes", capacity(phone));
    if (rc == 0)
        rc = add_pair(out, "FSFreeBytes", room(phone));
    if (rc == 0)
        rc = add_pair(out, "FSBlockSize", 4096);
    return rc < 0 ? AFC_UNKNOWN_ERROR : give(request, AFC_DATA);
}

static enum afc_error make_directory(struct afc_request *request)
{
    char path[PATH_MAX];
    enum afc_error error = path_at(request, 0, path);
    return error != AFC_OK ? error : lethe_dir_make(path, 0700, NULL) < 0 ? AFC_DENIED : AFC_OK;
}

static enum afc_error remove_path(struct afc_request *request)
{
    char path[PATH_MAX];
    enum afc_error error = path_at(request, 0, path);
    return error != AFC_OK ? error : remove(path) < 0 ? error_of(errno) : AFC_OK;
}

static enum afc_error remove_tree(struct afc_request *request)
{
    char path[PATH_MAX], area[PATH_MAX];
    enum afc_error error = path_at(request, 0, path);
    if (error != AFC_OK)
        return error;
    if (!lethe_text_format(area, sizeof(area), MEDIA "/%s", (const char *)request->head) ||
        phone_storage_erase(request->stream->phone, area, NULL) < 0)
        return AFC_UNKNOWN_ERROR;
    remove(path); /* the folder itself; the topmost one stays */
    return AFC_OK;
}

static enum afc_error rename_path(struct afc_request *request)
{
    char from[PATH_MAX], to[PATH_MAX];
    enum afc_error error = path_at(request, 0, from);
    if (error == AFC_OK)
        error = path_at(request, strlen((const char *)request->head) + 1, to);
    return error != AFC_OK ? error : rename(from, to) < 0 ? error_of(errno) : AFC_OK;
}

/* ---- by handle ---- */

static enum afc_error open_file(struct afc_request *request)
{
    static const int modes[] = {O_RDONLY,
                                O_RDWR | O_CREAT,
                                O_WRONLY | O_CREAT | O_TRUNC,
                                O_RDWR | O_CREAT | O_TRUNC,
                                O_WRONLY | O_CREAT | O_APPEND,
                                O_RDWR | O_CREAT | O_APPEND};
    char path[PATH_MAX];
    uint64_t mode = number_at(request, 0);
    enum afc_error error = path_at(request, sizeof(mode), path);
    if (error == AFC_OK && (mode < 1 || mode > sizeof(modes) / sizeof(*modes)))
        error = AFC_INVALID_ARGUMENT;
    if (error != AFC_OK)
        return error;
    for (size_t i = 0; i < AFC_FILES; i++) {
        if (request->afc->files[i] >= 0)
            continue;
        struct stat st;
        int fd = lethe_file_open(path, modes[mode - 1] | O_NOFOLLOW, 0600, NULL);
        if (fd < 0)
            return error_of(errno);
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
            close(fd);
            return AFC_IS_DIRECTORY;
        }
        request->afc->files[i] = fd;
        return give_number(request, AFC_OPENED, i + 1);
    }
    return AFC_UNKNOWN_ERROR;
}

static enum afc_error read_file(struct afc_request *request)
{
    char chunk[65536];
    int *file = file_of(request);
    uint64_t wanted = number_at(request, 1);
    if (!file || wanted > AFC_TRANSFER_MAX)
        return AFC_INVALID_ARGUMENT;
    while (request->reply.len < wanted) {
        size_t left = wanted - request->reply.len;
        ssize_t got = read(*file, chunk, left < sizeof(chunk) ? left : sizeof(chunk));
        if (got < 0)
            return error_of(errno);
        if (got == 0)
            break;
        if (phone_fault(request->stream->phone, PHONE_FAULT_FILL_LIES))
            memset(chunk, 0, (size_t)got);
        if (lethe_buf_add(&request->reply, chunk, (size_t)got) < 0)
            return AFC_UNKNOWN_ERROR;
    }
    return give(request, AFC_DATA);
}

/* What goes beyond the end of the file needs room; what fits is written. */
static enum afc_error write_file(struct afc_request *request)
{
    int *file = file_of(request);
    struct stat st;
    if (!file || fstat(*file, &st) < 0)
        return AFC_INVALID_ARGUMENT;
    off_t at = lseek(*file, 0, SEEK_CUR);
    if (at < 0)
        return error_of(errno);
    uint64_t after = (uint64_t)at + request->body_len;
    if (after > (uint64_t)st.st_size && after - (uint64_t)st.st_size > room(request->stream->phone))
        return AFC_NO_SPACE;
    for (size_t done = 0; done < request->body_len;) {
        ssize_t put = write(*file, request->body + done, request->body_len - done);
        if (put < 0)
            return error_of(errno);
        done += (size_t)put;
    }
    return AFC_OK;
}

static enum afc_error seek_file(struct afc_request *request)
{
    int *file = file_of(request);
    uint64_t whence = number_at(request, 1);
    if (!file || whence > 2)
        return AFC_INVALID_ARGUMENT;
    int how = whence == 0 ? SEEK_SET : whence == 1 ? SEEK_CUR : SEEK_END;
    return lseek(*file, (off_t)number_at(request, 2), how) < 0 ? AFC_INVALID_ARGUMENT : AFC_OK;
}

static enum afc_error tell_file(struct afc_request *request)
{
    int *file = file_of(request);
    return file ? give_number(request, AFC_TOLD, (uint64_t)lseek(*file, 0, SEEK_CUR))
                : AFC_INVALID_ARGUMENT;
}

static enum afc_error close_file(struct afc_request *request)
{
    int *file = file_of(request);
    if (!file)
        return AFC_INVALID_ARGUMENT;
    close(*file);
    *file = -1;
    return AFC_OK;
}

static enum afc_error set_size(struct afc_request *request)
{
    int *file = file_of(request);
    struct stat st;
    uint64_t size = number_at(request, 1);
    if (!file || fstat(*file, &st) < 0)
        return AFC_INVALID_ARGUMENT;
    if (size > (uint64_t)st.st_size && size - (uint64_t)st.st_size > room(request->stream->phone))
        return AFC_NO_SPACE;
    return ftruncate(*file, (off_t)size) < 0 ? error_of(errno) : AFC_OK;
}

static enum afc_error lock_file(struct afc_request *request)
{
    return file_of(request) ? AFC_OK : AFC_INVALID_ARGUMENT;
}

static const struct {
    enum afc_operation operation;
    enum afc_error (*handle)(struct afc_request *request);
} operations[] = {
    {AFC_READ_DIRECTORY, read_directory},
    {AFC_REMOVE, remove_path},
    {AFC_MAKE_DIRECTORY, make_directory},
    {AFC_FILE_INFO, file_info},
    {AFC_DEVICE_INFO, device_info},
    {AFC_OPEN, open_file},
    {AFC_READ, read_file},
    {AFC_WRITE, write_file},
    {AFC_SEEK, seek_file},
    {AFC_TELL, tell_file},
    {AFC_CLOSE, close_file},
    {AFC_SET_SIZE, set_size},
    {AFC_RENAME, rename_path},
    {AFC_LOCK, lock_file},
    {AFC_REMOVE_TREE, remove_tree},
};

enum afc_error afc_do(struct afc_request *request)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
        if (operations[i].operation == request->operation)
            return operations[i].handle(request);
    return AFC_UNKNOWN_PACKET;
}
