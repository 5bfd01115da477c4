/* SPDX-License-Identifier: Apache-2.0 */
/* What a page of ours has no use for: what acts, what shows otherwise tomorrow, what lies outside.
 * Looked for in every object, reachable or not. */
#include "carrier/pdf.h"

#include <string.h>

static const struct {
    const char *key, *code, *what;
} keys[] = {
    {"JavaScript", "pdf-active", "a script"},
    {"JS", "pdf-active", "a script"},
    {"OpenAction", "pdf-active", "an action when it is opened"},
    {"AA", "pdf-active", "an action"},
    {"Launch", "pdf-active", "a program to be started"},
    {"XFA", "pdf-active", "a form that draws itself"},
    {"RichMedia", "pdf-active", "media"},
    {"RichMediaContent", "pdf-active", "media"},
    {"Collection", "pdf-active", "a portfolio of other files"},
    {"OCProperties", "pdf-hidden", "layers that can be shown and hidden"},
    {"OC", "pdf-hidden", "layers that can be shown and hidden"},
    {"Alternates", "pdf-hidden", "other pictures for the printer"},
    {"NeedAppearances", "pdf-hidden", "fields that a reader draws"},
    {"Encrypt", "pdf-encrypted", "encryption"},
    {"FFilter", "pdf-active", "a stream in another file"},
    {"FDecodeParms", "pdf-active", "a stream in another file"},
};

/* The values of /S that are actions (section 12.6.4), and types that hide objects. */
static const struct {
    const char *key, *value, *code, *what;
} names[] = {
    {"S", "JavaScript", "pdf-active", "a script"},
    {"S", "Launch", "pdf-active", "a program to be started"},
    {"S", "GoToR", "pdf-active", "a way to another file"},
    {"S", "GoToE", "pdf-active", "a way to another file"},
    {"S", "SubmitForm", "pdf-active", "a form to be sent"},
    {"S", "ResetForm", "pdf-active", "a form to be changed"},
    {"S", "ImportData", "pdf-active", "a form to be changed"},
    {"S", "Hide", "pdf-hidden", "parts to be hidden"},
    {"S", "SetOCGState", "pdf-hidden", "parts to be hidden"},
    {"S", "Rendition", "pdf-active", "media"},
    {"S", "Movie", "pdf-active", "media"},
    {"S", "Sound", "pdf-active", "media"},
    {"S", "Named", "pdf-active", "an action"},
    {"S", "Thread", "pdf-active", "a way to another file"},
    {"S", "Trans", "pdf-active", "an action"},
    {"S", "GoTo3DView", "pdf-active", "an action"},
    {"Type", "ObjStm", "pdf-object-stream", "objects inside of a stream"},
    {"Type", "XRef", "pdf-object-stream", "a table of objects that is a stream"},
    {"Subtype", "FileAttachment", "pdf-attachments", "a file on a page"},
    {"Subtype", "FreeText", "pdf-annotation", "text laid over the page"},
    {"Subtype", "Stamp", "pdf-annotation", "a stamp laid over the page"},
    {"Subtype", "Redact", "pdf-annotation", "a part blacked out"},
};

static int rule(void *user, const struct lethe_pdf_value *value)
{
    struct lethe_complaint *why = user;
    for (size_t i = 0; value->key && i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(value->key, keys[i].key) == 0)
            return lethe_complain(why, keys[i].code, "byte %zu: it has %s (%s)", value->at,
                                  keys[i].what, keys[i].key);
    for (size_t i = 0; value->key && i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(value->key, names[i].key) == 0 && lethe_pdf_is_name(value, names[i].value))
            return lethe_complain(why, names[i].code, "byte %zu: it has %s (%s)", value->at,
                                  names[i].what, names[i].value);
    return 0;
}

int lethe_pdf_rules(const struct lethe_pdf_file *file, struct lethe_complaint *why)
{
    for (size_t i = 0; i < file->n; i++) /* the data of a stream outside of the file */
        if (file->objects[i].has_stream && lethe_pdf_get(file->objects[i].value, "F"))
            return lethe_complain(why, "pdf-active", "object %zu is a stream in another file", i);
    return lethe_pdf_each(file, rule, why);
}
