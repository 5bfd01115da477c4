/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint from somebody else: what is taken is written again as it was. */
#include <lethe/tlog.h>
#include <stdlib.h>
#include <string.h>

static void check_checkpoint(const struct lethe_tlog_note *note)
{
    struct lethe_tlog_checkpoint checkpoint;
    char again[LETHE_TLOG_CHECKPOINT_TEXT_MAX];
    if (lethe_tlog_checkpoint_parse(note->text, note->text_len, &checkpoint, NULL) < 0)
        return;
    if (lethe_tlog_checkpoint_format(&checkpoint, again, NULL) < 0 ||
        strlen(again) != note->text_len || memcmp(again, note->text, note->text_len) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t pub[32] = {0x58, 0x66, 1, 2, 3};
    struct lethe_tlog_note note;
    struct lethe_tlog_key key, again;
    char vkey[LETHE_TLOG_VKEY_MAX], name[LETHE_TLOG_NAME_MAX];
    const char *text = (const char *)data;
    if (lethe_tlog_key_parse(text, size, &key, NULL) == 0) {
        lethe_tlog_key_format(&key, vkey);
        if (lethe_tlog_key_parse(vkey, strlen(vkey), &again, NULL) < 0 || again.id != key.id)
            abort();
    }
    if (lethe_tlog_note_parse(text, size, &note, NULL) < 0)
        return 0;
    check_checkpoint(&note);
    for (size_t i = 0; i < note.n; i++) {
        if (note.signature[i].name_len >= sizeof(name))
            continue;
        memcpy(name, note.signature[i].name, note.signature[i].name_len);
        name[note.signature[i].name_len] = '\0';
        for (int type = 0; type < 2; type++) {
            if (lethe_tlog_key_make(&key, name, type ? LETHE_TLOG_COSIGNATURE : LETHE_TLOG_ED25519,
                                    pub, NULL) < 0)
                abort();
            key.id = note.signature[i].id; /* so that the signature is looked at */
            if (lethe_tlog_note_verify(&note, &key, NULL, NULL) > 0)
                abort(); /* nobody has this key */
        }
    }
    return 0;
}
