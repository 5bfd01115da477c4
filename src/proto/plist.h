/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Property lists as JSON, bounded before anything else looks at them: what a phone sends must not
 * reach a parser of nested things unmeasured (facts/phones.md 6). Dictionaries are objects; data is
 * {"$data": base64}, a date {"$date": seconds since 1970}, a real {"$real": "text"} (our JSON has
 * no reals), a UID {"$uid": n}, an integer beyond 2^63-1 {"$unsigned": "decimal"}. A dictionary of
 * the phone's own with a key of these five is refused, so that they can't be confused.
 */
#ifndef LETHE_PROTO_PLIST_H
#define LETHE_PROTO_PLIST_H

#include <base/buf.h>
#include <jansson.h>
#include <lethe/error.h>
#include <stddef.h>

#define LETHE_PLIST_MAX ((size_t)1 << 20)
#define LETHE_PLIST_DEPTH_MAX 64u
#define LETHE_PLIST_NODES_MAX 20000u
/* Binary lists may name one object many times: all bytes of all strings and data together. */
#define LETHE_PLIST_TEXT_MAX ((size_t)4 << 20)

/* XML ("<?xml", "<!DOCTYPE", "<plist") or binary ("bplist00"). NULL + ERR: INVALID or LIMIT. The
 * caller owns the reference. */
json_t *lethe_plist_parse(const void *data, size_t len, struct lethe_error *err);
/* The two readers by themselves. */
json_t *lethe_plist_xml_parse(const char *text, size_t len, struct lethe_error *err);
json_t *lethe_plist_binary_parse(const void *data, size_t len, struct lethe_error *err);

/* Append JSON to OUT as an XML property list. Characters that XML can't carry become U+FFFD; null
 * can't be said: -LETHE_E_INVALID. */
int lethe_plist_xml_format(const json_t *json, struct lethe_buf *out, struct lethe_error *err);

/* Data of any length as its JSON form (new reference, NULL: out of memory), and back: bytes to
 * free(), or NULL when JSON is no data. */
json_t *lethe_plist_data(const void *data, size_t len);
void *lethe_plist_data_get(const json_t *json, size_t *len);

#endif
